import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/**
 * One line of standard input, its fields separated by tabs: number, kind (seal, token, record, container), file, the moment to judge
 * at (ISO 8601), anchors (certificates), lists of revocations, how much of a group is shown (whole; rest: all that
 * was not discarded before the newest hash-tree renewal; part), and what it covers. Lists of paths are
 * separated by colons. What a file covers is given as a path, or as digests: {@code sha512=hex,sha3_512=hex}.
 */
record Question(String number, String kind, Path file, Date at, List<Path> anchors, List<Path> crls, String shown,
                List<String> data) {

    /** Answers each question of standard input on a line of its own: number, accepted or refused, why. */
    static void answerAll(Judge judge) {
        try (Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8)) {
            while (lines.hasNextLine()) {
                Question question = parse(lines.nextLine());
                String answer;
                try {
                    answer = judge.judge(question);
                } catch (Exception | LinkageError error) {
                    answer = "refused\t" + reason(error);
                }
                System.out.println(question.number + "\t" + answer.replaceAll("[\r\n]+", " "));
            }
        }
    }

    /** The octets of the file in question. */
    byte[] octets() throws IOException {
        return Files.readAllBytes(file);
    }

    /** Digests by name, when that is how the data are given. */
    static Map<String, byte[]> digests(String datum) {
        Map<String, byte[]> found = new LinkedHashMap<>();
        for (String part : datum.split(",")) {
            String[] pair = part.split("=");
            found.put(pair[0], java.util.HexFormat.of().parseHex(pair[1]));
        }
        return found;
    }

    static boolean isDigests(String datum) {
        return datum.contains("=");
    }

    private static Question parse(String line) {
        String[] field = line.split("\t", -1);
        return new Question(field[0], field[1], Path.of(field[2]), Date.from(Instant.parse(field[3])), paths(field[4]),
            paths(field[5]), field[6], list(field[7]));
    }

    private static List<Path> paths(String field) {
        return list(field).stream().map(Path::of).toList();
    }

    private static List<String> list(String field) {
        return field.isEmpty() ? new ArrayList<>() : Arrays.asList(field.split(":"));
    }

    private static String reason(Throwable error) {
        StringBuilder words = new StringBuilder();
        for (Throwable next = error; next != null; next = next.getCause()) {
            words.append(words.isEmpty() ? "" : " <- ").append(next.getClass().getSimpleName()).append(": ").append(next.getMessage());
        }
        return words.toString();
    }

    /** Says "accepted" or "refused", a tab, and why. */
    interface Judge {
        String judge(Question question) throws Exception;
    }
}
