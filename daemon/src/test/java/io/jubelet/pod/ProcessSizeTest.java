/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessSizeTest {

    private static final EnvExpansion.Facts NO_FACTS = new EnvExpansion.Facts() {
        @Override
        public Optional<String> value(EnvVar.Source source) {
            throw new AssertionError(source);
        }

        @Override
        public Map<String, String> values(ConfigRef ref) {
            throw new AssertionError(ref);
        }
    };

    private static Map<String, String> resolve(List<EnvVar> env) throws IOException {
        return EnvExpansion.resolve(List.of(), env, NO_FACTS, new ProcessSize(true));
    }

    private static EnvVar literal(String name, String value) {
        return new EnvVar(name, new EnvVar.Literal(value));
    }

    /** Each variable twice the one before: 2 TiB at the end. */
    private static List<EnvVar> doubling() {
        List<EnvVar> env = new ArrayList<>();
        env.add(literal("E0", "aa"));
        for (int i = 1; i <= 40; i++) {
            String before = "$(E" + (i - 1) + ")";
            env.add(literal("E" + i, before + before));
        }
        return env;
    }

    @Test
    void variableFitsIntoOneStringOfLinux() throws IOException {
        String longest = "x".repeat(ProcessSize.MAX_STRING - "A=".length() - 1);
        assertEquals(longest, resolve(List.of(literal("A", longest))).get("A"));
        String message = assertThrows(IOException.class, () -> resolve(List.of(literal("A", longest + "x"))))
                .getMessage();
        assertEquals(
                "the environment variable A has more than 131071 bytes when its references are expanded, and Linux starts no"
                        + " process with a longer string (MAX_ARG_STRLEN, 128 KiB); put large values into a volume",
                message);
    }

    @Test
    void bytesCountNotCharacters() throws IOException {
        String third = "\u4e2d".repeat((ProcessSize.MAX_STRING - 3) / 3);
        resolve(List.of(literal("A", third)));
        assertThrows(IOException.class, () -> resolve(List.of(literal("A", third + "\u4e2d"))));
        String fourth = "\ud83d\ude00".repeat((ProcessSize.MAX_STRING - 3) / 4);
        resolve(List.of(literal("A", fourth)));
        assertThrows(IOException.class, () -> resolve(List.of(literal("A", fourth + "\ud83d\ude00"))));
    }

    @Test
    void doublingVariablesEndAtTheLimit() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        String message =
                assertThrows(IOException.class, () -> resolve(doubling())).getMessage();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(message.startsWith("the environment variable E16 has more than"), message);
        assertTrue(allocated < 16L * ProcessSize.MAX_STRING, () -> allocated + " bytes");
        assertThrows(IOException.class, () -> EnvExpansion.literals(doubling()));
    }

    @Test
    void allStringsTogetherAreLimited() throws IOException {
        String value = "x".repeat(ProcessSize.MAX_STRING - "V00=".length() - 1);
        List<EnvVar> env = new ArrayList<>();
        for (int i = 10; i < 10 + ProcessSize.MAX_TOTAL / ProcessSize.MAX_STRING; i++) {
            env.add(literal("V" + i, value));
        }
        assertEquals(16, resolve(env).size());
        env.add(literal("A", ""));
        String message = assertThrows(IOException.class, () -> resolve(env)).getMessage();
        assertTrue(message.contains("more than 2097152 bytes (2 MiB) in all"), message);
    }

    @Test
    void commandAndArgumentsCountToo() throws IOException {
        String half = "x".repeat(ProcessSize.MAX_STRING / 2 - 1);
        Map<String, String> env = Map.of("H", half);
        List<String> fits = List.of("$(H)x$(H)");
        assertEquals(
                ProcessSize.MAX_STRING - 1,
                EnvExpansion.expand(fits, env).getFirst().length());
        String message = assertThrows(IOException.class, () -> EnvExpansion.expand(List.of("sh", "$(H)xx$(H)"), env))
                .getMessage();
        assertTrue(message.startsWith("command[1] has more than"), message);
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            many.add("$(H)x$(H)");
        }
        assertEquals(16, EnvExpansion.expand(many, env).size());
        many.add("");
        assertThrows(IOException.class, () -> EnvExpansion.expand(many, env));
    }

    @Test
    void largeProcessIsMadeOnlyWhenAskedFor() throws IOException {
        List<EnvVar> small = List.of(literal("A", "x".repeat(ProcessSize.LARGE - "A=".length() - 1)));
        EnvExpansion.resolve(List.of(), small, NO_FACTS, new ProcessSize(false));
        List<EnvVar> large = List.of(literal("A", "x".repeat(ProcessSize.LARGE - "A=".length())));
        assertThrows(
                ProcessSize.Large.class,
                () -> EnvExpansion.resolve(List.of(), large, NO_FACTS, new ProcessSize(false)));
        EnvExpansion.resolve(List.of(), large, NO_FACTS, new ProcessSize(true));
    }

    @Test
    void openReferencesCostNoMoreThanTheirLength() throws IOException {
        String open = "$(".repeat((ProcessSize.MAX_STRING - 4) / 2);
        assertEquals(open, resolve(List.of(literal("A", open))).get("A"));
    }
}
