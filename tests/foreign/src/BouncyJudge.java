import java.io.FileReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSData;
import org.bouncycastle.tsp.ers.ERSDataGroup;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;

/** BouncyCastle's evidence records. It knows no anchors: that the last token's certificate was issued by one is asked here. */
class BouncyJudge {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
        Question.answerAll(question -> judge(question, digests));
    }

    static String judge(Question question, DigestCalculatorProvider digests) throws Exception {
        ERSEvidenceRecord record = new ERSEvidenceRecord(question.octets(), digests);
        X509CertificateHolder signer = record.getSigningCertificate();
        record.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(signer));
        if (!issued(signer, question.anchors(), question.at())) {
            return "refused\tissuer not among the anchors";
        }
        List<ERSData> members = new ArrayList<>();
        for (String datum : question.data()) {
            members.add(new ERSByteData(Files.readAllBytes(Path.of(datum))));
        }
        for (ERSData member : members) {
            record.validatePresent(member, question.at());
        }
        if (!question.shown().equals("part") && members.size() > 1) { // a group of one is its member: RFC 4998, 4.2
            record.validatePresent(new ERSDataGroup(members), question.at());
        }
        return "accepted\t" + members.size() + " files of " + question.shown();
    }

    private static boolean issued(X509CertificateHolder signer, List<Path> anchors, Date at) throws Exception {
        for (Path path : anchors) {
            try (PEMParser parser = new PEMParser(new FileReader(path.toFile()))) {
                X509CertificateHolder anchor = (X509CertificateHolder) parser.readObject();
                if (anchor.getSubject().equals(signer.getIssuer()) && anchor.isValidOn(at)
                    && signer.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(anchor))) {
                    return true;
                }
            }
        }
        return false;
    }
}
