import eu.europa.esig.dss.diagnostic.jaxb.XmlDigestMatcher;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.DigestMatcherType;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.DigestDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlTimestamp;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The EU's validator, with its own policy as it ships; anchors and lists of revocations are given, nothing is fetched. */
class DssJudge {
    public static void main(String[] arguments) {
        Question.answerAll(DssJudge::judge);
    }

    static String judge(Question question) {
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(question.file().toFile()));
        validator.setCertificateVerifier(verifier(question));
        validator.setValidationTime(question.at());
        List<DSSDocument> contents = new ArrayList<>();
        for (String datum : question.data()) { // a container brings its own
            contents.add(Question.isDigests(datum) ? digests(datum) : new FileDocument(datum));
        }
        if (!contents.isEmpty()) {
            validator.setDetachedContents(contents);
        }
        return answer(question, validator.validateDocument());
    }

    private static CommonCertificateVerifier verifier(Question question) {
        CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
        for (Path path : question.anchors()) {
            anchors.addCertificate(DSSUtils.loadCertificate(path.toFile()));
        }
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(anchors);
        if (!question.crls().isEmpty()) {
            verifier.setCrlSource(new ExternalResourcesCRLSource(
                question.crls().stream().map(path -> (DSSDocument) new FileDocument(path.toFile())).toArray(DSSDocument[]::new)));
        }
        return verifier;
    }

    private static DigestDocument digests(String datum) {
        DigestDocument document = new DigestDocument();
        document.setName(datum.substring(0, 40)); // asked for where there are several
        for (Map.Entry<String, byte[]> digest : Question.digests(datum).entrySet()) {
            DigestAlgorithm algorithm = switch (digest.getKey()) {
                case "sha256" -> DigestAlgorithm.SHA256;
                case "sha384" -> DigestAlgorithm.SHA384;
                case "sha512" -> DigestAlgorithm.SHA512;
                case "sha3_384" -> DigestAlgorithm.SHA3_384;
                case "sha3_512" -> DigestAlgorithm.SHA3_512;
                default -> throw new IllegalArgumentException(digest.getKey());
            };
            document.addDigest(algorithm, Base64.getEncoder().encodeToString(digest.getValue()));
        }
        return document;
    }

    /** A signature passes without its timestamp, which has a verdict of its own: both are asked for. */
    private static boolean stamped(SimpleReport report, String id, List<String> words) {
        boolean good = !report.getSignatureTimestamps(id).isEmpty();
        for (XmlTimestamp timestamp : report.getSignatureTimestamps(id)) {
            words.add("timestamp " + timestamp.getIndication()
                + (timestamp.getSubIndication() == null ? "" : " " + timestamp.getSubIndication()));
            good &= timestamp.getIndication() == Indication.PASSED;
        }
        return good;
    }

    /** A container passes when each of its records does, over each of its files, and each file's manifest is right. */
    private static String container(Question question, Reports reports) {
        SimpleReport report = reports.getSimpleReport();
        int files = reports.getDiagnosticData().getContainerInfo().getContentFiles().size();
        List<String> words = new ArrayList<>();
        boolean good = !report.getEvidenceRecordIdList().isEmpty();
        for (String id : report.getEvidenceRecordIdList()) {
            Indication indication = report.getIndication(id);
            words.add(indication + (report.getSubIndication(id) == null ? "" : " " + report.getSubIndication(id)));
            report.getAdESValidationErrors(id).forEach(message -> words.add(message.getValue()));
            good &= indication == Indication.PASSED && covered(question, reports, id, files, words);
        }
        return (good ? "accepted" : "refused") + "\t" + String.join("; ", words);
    }

    /** A record passes with the files that it covers; the others are only not in its list: all must be. */
    private static boolean covered(Question question, Reports reports, String id, int files, List<String> words) {
        int intact = 0;
        int orphans = 0;
        for (XmlDigestMatcher matcher : reports.getDiagnosticData().getEvidenceRecordById(id).getDigestMatchers()) {
            intact += matcher.isDataFound() && matcher.isDataIntact() ? 1 : 0;
            orphans += matcher.getType() == DigestMatcherType.EVIDENCE_RECORD_ORPHAN_REFERENCE ? 1 : 0;
        }
        words.add(intact + " of " + files + " files, " + orphans + " digests of others");
        return intact == files && (!question.shown().equals("whole") || orphans == 0);
    }

    private static String answer(Question question, Reports reports) {
        if (question.kind().equals("container")) {
            return container(question, reports);
        }
        SimpleReport report = reports.getSimpleReport();
        List<String> ids = switch (question.kind()) {
            case "seal" -> report.getSignatureIdList();
            case "token" -> report.getTimestampIdList();
            default -> report.getEvidenceRecordIdList();
        };
        if (ids.size() != 1) {
            return "refused\texpected one " + question.kind() + ", found " + ids.size();
        }
        String id = ids.get(0);
        Indication indication = report.getIndication(id);
        List<String> words = new ArrayList<>();
        words.add(indication + (report.getSubIndication(id) == null ? "" : " " + report.getSubIndication(id)));
        report.getAdESValidationErrors(id).forEach(message -> words.add(message.getValue()));
        boolean good = indication == Indication.TOTAL_PASSED || indication == Indication.PASSED;
        if (question.kind().equals("seal")) {
            good &= stamped(report, id, words);
        }
        if (question.kind().equals("record")) {
            good &= covered(question, reports, id, question.data().size(), words);
        }
        return (good ? "accepted" : "refused") + "\t" + String.join("; ", words);
    }
}
