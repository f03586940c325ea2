import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** veraPDF, without a word of its own: is this file what it says it is? ISO 19005, by the flavour asked for. */
class VeraJudge {
    /**
     * A line each: number, flavour (2b, 3b), path. An answer each: number, accepted or refused, the clauses not met.
     */
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] fields = line.split("\t");
            System.out.println(fields[0] + "\t" + judged(PDFAFlavour.byFlavourId(fields[1]), fields[2]));
        }
    }

    private static String judged(PDFAFlavour flavour, String path) throws Exception {
        try (InputStream octets = new FileInputStream(path);
                PDFAParser parser = Foundries.defaultInstance().createParser(octets, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            TreeSet<String> unmet = new TreeSet<>();
            for (TestAssertion found : result.getTestAssertions()) {
                if (found.getStatus() == TestAssertion.Status.FAILED) {
                    unmet.add(found.getRuleId().getClause() + "-" + found.getRuleId().getTestNumber());
                }
            }
            return (result.isCompliant() ? "accepted" : "refused") + "\t" + String.join(" ", unmet);
        }
    }
}
