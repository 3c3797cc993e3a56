package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares our protocol file, name by name and number by number, with the published one. */
class PublishedProtocolTest {
    private static final String PROPERTY = "jubelet.test.cri-api";
    private static final Path OURS = Path.of("src/main/proto/runtime/v1/api.proto");
    private static final Pattern BLOCK = Pattern.compile("(message|enum|service)\\s+(\\w+)\\s*\\{");
    private static final Pattern FIELD =
            Pattern.compile("(?:(repeated\\s+)?(map\\s*<[^>]*>|[\\w.]+)\\s+)?(\\w+)\\s*=\\s*(\\d+)");
    private static final Pattern METHOD =
            Pattern.compile("rpc\\s+(\\w+)\\s*\\(\\s*(\\w+)\\s*\\)\\s*returns\\s*\\(\\s*((?:stream\\s+)?\\w+)\\s*\\)");

    @Test
    void saysTheSameAsThePublishedOne() throws IOException {
        String published = System.getProperty(PROPERTY, "");
        if (published.isEmpty()) {
            String advice = "no published protocol: pass -D" + PROPERTY
                    + "=FILE, the pkg/apis/runtime/v1/api.proto of the Go module k8s.io/cri-api v0.36";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail(advice);
            }
            assumeTrue(false, advice);
        }
        Map<String, String> theirs = facts(Path.of(published));
        assertTrue(theirs.size() > 590, "facts are found: " + theirs.size());
        assertEquals(theirs, facts(OURS));
    }

    /** What a protocol file says: "PodSandboxConfig.hostname" is "string 2". */
    private static Map<String, String> facts(Path file) throws IOException {
        String text = Files.readString(file).replaceAll("//[^\n]*", "").replaceAll("(?s)/\\*.*?\\*/", "");
        Map<String, String> facts = new TreeMap<>();
        Matcher method = METHOD.matcher(text);
        while (method.find()) {
            facts.put(
                    "rpc " + method.group(1),
                    method.group(2) + " -> " + method.group(3).replaceAll("\\s+", " "));
        }
        read(text, 0, "", facts);
        return facts;
    }

    /** Reads statements until the block ends, and returns where. */
    private static int read(String text, int from, String owner, Map<String, String> facts) {
        int position = from;
        while (position < text.length()) {
            int end = position;
            while (end < text.length() && ";{}".indexOf(text.charAt(end)) < 0) {
                end++;
            }
            if (end == text.length() || text.charAt(end) == '}') {
                return end;
            }
            String statement = text.substring(position, end + 1).strip();
            position = end + 1;
            Matcher block = BLOCK.matcher(statement);
            Matcher field = FIELD.matcher(statement);
            if (statement.endsWith("{")) {
                String name = block.find() ? owner + block.group(2) + "." : owner + "?.";
                position = read(text, position, name, facts) + 1;
            } else if (!owner.isEmpty() && !statement.startsWith("reserved") && field.lookingAt()) {
                String repeated = field.group(1) == null ? "" : "repeated ";
                String type = field.group(2) == null ? "" : field.group(2).replaceAll("\\s+", "") + " ";
                facts.put(owner + field.group(3), repeated + type + field.group(4));
            }
        }
        return position;
    }
}
