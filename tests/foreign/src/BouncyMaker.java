import java.io.FileReader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.bouncycastle.tsp.ers.ERSArchiveTimeStampGenerator;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSData;
import org.bouncycastle.tsp.ers.ERSDataGroup;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.tsp.ers.ERSEvidenceRecordGenerator;

/**
 * Evidence records that BouncyCastle makes and renews, its tokens too: {@code BouncyMaker KEY.pem CERT.pem FOLDER}.
 * The files of FOLDER/data are the group; records appear in FOLDER. All times lie in the past: a renewal asks the clock.
 */
class BouncyMaker {
    private static final ASN1ObjectIdentifier SHA512 = NISTObjectIdentifiers.id_sha512;
    private static final ASN1ObjectIdentifier SHA3 = NISTObjectIdentifiers.id_sha3_512;
    private final DigestCalculatorProvider digests;
    private final PrivateKey key;
    private final X509CertificateHolder certificate;
    private int serial;

    private BouncyMaker(String keyFile, String certificateFile) throws Exception {
        digests = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
        try (PEMParser parser = new PEMParser(new FileReader(keyFile))) {
            key = new JcaPEMKeyConverter().setProvider("BC").getPrivateKey((PrivateKeyInfo) parser.readObject());
        }
        try (PEMParser parser = new PEMParser(new FileReader(certificateFile))) {
            certificate = (X509CertificateHolder) parser.readObject();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        new BouncyMaker(arguments[0], arguments[1]).make(Path.of(arguments[2]));
    }

    private void make(Path folder) throws Exception {
        List<ERSData> members = new ArrayList<>();
        try (var paths = Files.list(folder.resolve("data"))) {
            for (Path path : paths.sorted().toList()) {
                members.add(new ERSByteData(Files.readAllBytes(path)));
            }
        }
        ERSData group = new ERSDataGroup(members);
        ERSData lone = members.get(0);

        write(folder, "lone", first(lone, 2012));
        write(folder, "group", first(group, 2012));
        ERSEvidenceRecord tree = firstOfMany(group, 2012);
        write(folder, "tree", tree);
        ERSEvidenceRecord once = restamped(tree, 2014);
        write(folder, "restamped", once);
        write(folder, "restamped-twice", restamped(once, 2016));
        write(folder, "rehashed-lone", rehashed(first(lone, 2012), lone, SHA3, 2014));
        ERSEvidenceRecord rehashed = rehashed(once, group, SHA3, 2018);
        write(folder, "rehashed", rehashed);
        ERSEvidenceRecord again = restamped(rehashed, 2020);
        write(folder, "two-chains", again);
        write(folder, "three-chains", rehashed(again, group, NISTObjectIdentifiers.id_sha384, 2022));
    }

    private static void write(Path folder, String name, ERSEvidenceRecord record) throws Exception {
        Files.write(folder.resolve(name + ".ers"), record.getEncoded());
    }

    private ERSEvidenceRecord first(ERSData data, int year) throws Exception {
        ERSArchiveTimeStampGenerator generator = new ERSArchiveTimeStampGenerator(calculator(SHA512));
        generator.addData(data);
        TimeStampResponse answer = answer(generator.generateTimeStampRequest(questions()), year);
        return new ERSEvidenceRecordGenerator(digests).generate(generator.generateArchiveTimeStamp(answer));
    }

    private ERSEvidenceRecord firstOfMany(ERSData data, int year) throws Exception {
        ERSArchiveTimeStampGenerator generator = new ERSArchiveTimeStampGenerator(calculator(SHA512));
        generator.addData(data);
        for (int other = 0; other != 5; other++) {
            generator.addData(new ERSByteData(new byte[] {(byte) other}));
        }
        TimeStampResponse answer = answer(generator.generateTimeStampRequest(questions()), year);
        return new ERSEvidenceRecordGenerator(digests).generate(generator.generateArchiveTimeStamps(answer)).get(0);
    }

    private ERSEvidenceRecord restamped(ERSEvidenceRecord record, int year) throws Exception {
        return record.renewTimeStamp(answer(record.generateTimeStampRenewalRequest(questions()), year));
    }

    private ERSEvidenceRecord rehashed(ERSEvidenceRecord record, ERSData data, ASN1ObjectIdentifier algorithm, int year)
        throws Exception {
        TimeStampRequest question = record.generateHashRenewalRequest(calculator(algorithm), data, questions());
        return record.renewHash(calculator(algorithm), data, answer(question, year));
    }

    private DigestCalculator calculator(ASN1ObjectIdentifier algorithm) throws Exception {
        return digests.get(new AlgorithmIdentifier(algorithm));
    }

    private static TimeStampRequestGenerator questions() {
        TimeStampRequestGenerator questions = new TimeStampRequestGenerator();
        questions.setCertReq(true);
        return questions;
    }

    private TimeStampResponse answer(TimeStampRequest question, int year) throws Exception {
        X509Certificate mine = new JcaX509CertificateConverter().setProvider("BC").getCertificate(certificate);
        TimeStampTokenGenerator tokens = new TimeStampTokenGenerator(
            new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC").build("SHA256withECDSA", key, mine),
            calculator(NISTObjectIdentifiers.id_sha256), new ASN1ObjectIdentifier("1.2.3"));
        tokens.addCertificates(new JcaCertStore(List.of(certificate)));
        Set<String> algorithms = Set.of(SHA512.getId(), SHA3.getId(), NISTObjectIdentifiers.id_sha384.getId());
        Date at = Date.from(Instant.parse(year + "-05-01T12:00:00Z"));
        TimeStampResponse answer = new TimeStampResponseGenerator(tokens, algorithms)
            .generate(question, BigInteger.valueOf(++serial), at);
        answer.validate(question);
        return answer;
    }
}
