/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares the names and numbers of the protocol file with those of the published one, as Debian
 * packages it (see tools/cri-api.sh). The published one can be older or newer, so a field of only
 * one of them must not conflict with the other.
 */
@Tag("download")
class PublishedProtocolTest {
    private static final String PROPERTY = "jubelet.test.cri-api";
    private static final Path OURS = Path.of("src/main/proto/runtime/v1/api.proto");
    private static final Pattern BLOCK = Pattern.compile("(message|enum|service)\\s+(\\w+)\\s*\\{");
    private static final Pattern FIELD =
            Pattern.compile("(?:(repeated\\s+)?(map\\s*<[^>]*>|[\\w.]+)\\s+)?(\\w+)\\s*=\\s*(\\d+)");
    private static final Pattern METHOD =
            Pattern.compile("rpc\\s+(\\w+)\\s*\\(\\s*(\\w+)\\s*\\)\\s*returns\\s*\\(\\s*((?:stream\\s+)?\\w+)\\s*\\)");

    @Test
    void agreesWithThePublishedProtocol() throws IOException {
        String published = System.getProperty(PROPERTY, "");
        if (published.isEmpty()) {
            String advice = "no published protocol: tools/cri-api.sh finds it, -D" + PROPERTY + "=FILE passes it";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail(advice);
            }
            assumeTrue(false, advice);
        }
        Map<String, String> theirs = facts(Path.of(published));
        Map<String, String> ours = facts(OURS);
        assertTrue(theirs.size() > 400 && ours.size() > 590, "facts are found: " + theirs.size());
        if (theirs.keySet().equals(ours.keySet())) {
            assertEquals(theirs, ours);
            return;
        }
        Set<Map.Entry<String, String>> onlyTheirs = difference(theirs, ours);
        Set<Map.Entry<String, String>> onlyOurs = difference(ours, theirs);
        assertTrue(
                onlyTheirs.isEmpty() || onlyOurs.isEmpty(),
                () -> "neither is an older version of the other\npublished: " + onlyTheirs + "\nours: " + onlyOurs);
        Map<String, String> both = new TreeMap<>(ours);
        both.putAll(theirs);
        assertEquals(Map.of(), numbersWithTwoNames(both));
    }

    /** Between versions a string may become bytes: they are the same on the wire. */
    private static Set<Map.Entry<String, String>> difference(Map<String, String> of, Map<String, String> without) {
        Map<String, String> rest = new TreeMap<>(of);
        rest.replaceAll((_, fact) -> fact.replace("bytes ", "string "));
        without.forEach((name, fact) -> rest.remove(name, fact.replace("bytes ", "string ")));
        return rest.entrySet();
    }

    /**
     * Fields that an older program would read as something else; aliases of enum values do not
     * occur in CRI.
     */
    private static Map<String, String> numbersWithTwoNames(Map<String, String> facts) {
        Map<String, String> names = new TreeMap<>();
        Map<String, String> clashes = new TreeMap<>();
        facts.forEach((name, fact) -> {
            if (!name.startsWith("rpc ")) {
                String number =
                        name.substring(0, name.lastIndexOf('.') + 1) + fact.substring(fact.lastIndexOf(' ') + 1);
                String other = names.put(number, name);
                if (other != null) {
                    clashes.put(number, other + ", " + name);
                }
            }
        });
        return clashes;
    }

    /** The fields of a protocol file: "PodSandboxConfig.hostname" is "string 2". */
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
