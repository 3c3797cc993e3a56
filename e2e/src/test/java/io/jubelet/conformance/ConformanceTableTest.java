/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.conformance.SpecResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run of the node suite is said to have shown. */
class ConformanceTableTest {

    private static final String PROBE = "[sig-node] Probing container should be restarted [NodeConformance]";
    private static final String MIRROR = "[sig-node] MirrorPod should be recreated [NodeConformance]";
    private static final String APPARMOR = "[sig-node] AppArmor should enforce a profile [NodeConformance]";

    @Test
    void specThatPassesAndIsNotListedIsFine() throws IOException {
        ConformanceTable table = table("", result(PROBE, Outcome.PASSED, ""));

        assertTrue(table.asListed());
        assertEquals(
                List.of(
                        "group                                 specs  passed  listed  failed      time",
                        "probes                                    1       1       0       0   0:01:05",
                        "all                                       1       1       0       0   0:01:05"),
                table.lines());
    }

    @Test
    void specThatDoesNotPassAndIsNotListedFailsTheRun() throws IOException {
        ConformanceTable failed = table("", result(PROBE, Outcome.FAILED, "timed out"));
        ConformanceTable skipped = table("", result(PROBE, Outcome.SKIPPED, "skipped - no swap"));

        assertFalse(failed.asListed());
        assertEquals(List.of(PROBE + "\n    timed out"), failed.complaints());
        assertFalse(skipped.asListed());
        assertEquals(List.of(PROBE + "\n    does not run: skipped - no swap"), skipped.complaints());
    }

    @Test
    void specThatDoesNotPassAndIsListedIsFine() throws IOException {
        ConformanceTable table = table(
                "static-pods\t" + MIRROR + "\tbecause",
                result(MIRROR, Outcome.FAILED, "timed out"),
                result(PROBE, Outcome.PASSED, ""));

        assertTrue(table.asListed());
        assertEquals(new ConformanceTable.Row(SpecGroup.OTHER, 2, 1, 1, 0, Duration.ofSeconds(130)), table.total());
    }

    @Test
    void specThatPassesAndIsListedFailsTheRun() throws IOException {
        ConformanceTable table = table("static-pods\t" + MIRROR + "\tbecause", result(MIRROR, Outcome.PASSED, ""));

        assertFalse(table.asListed());
        assertEquals(List.of(MIRROR + "\n    passes, but is listed as one that does not"), table.complaints());
    }

    @Test
    void specThatIsListedForTheMachineMayPassOnAnotherOne() throws IOException {
        ConformanceTable table = table("machine\t" + APPARMOR + "\tno AppArmor", result(APPARMOR, Outcome.PASSED, ""));

        assertTrue(table.asListed());
        assertEquals(1, table.total().passed());
    }

    @Test
    void runWithoutSpecsFails() throws IOException {
        assertFalse(table("").asListed());
    }

    @Test
    void recordGivesTheSameTable() throws IOException {
        ConformanceTable table = table(
                "static-pods\t" + MIRROR + "\tbecause",
                result(MIRROR, Outcome.FAILED, "timed out"),
                result(PROBE, Outcome.PASSED, ""));

        assertEquals(table, ConformanceTable.ofRecord(table.record()));
        assertThrows(IOException.class, () -> ConformanceTable.ofRecord(List.of("PROBES\t1")));
    }

    @Test
    void malformedListIsRefused() {
        IOException thrown = assertThrows(
                IOException.class,
                () -> parse(
                        "# comment\n\nstatic-pods\tname\tbecause\nstatic-pods\tname\tbecause\nwhim\ta\tb\nfront\ta"));

        assertEquals("""
                expected.tsv:4: lists a spec again: name
                expected.tsv:5: whim is no cause
                expected.tsv:6: must be a cause, a name and a reason with tabs between them""", thrown.getMessage());
    }

    @Test
    void resultsAreThoseOfSpecsThatWereSelected(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("parallel.xml"), """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites tests="5"><testsuite name="E2eNode Suite">
                <testcase name="[SynchronizedBeforeSuite]" status="passed" time="1"></testcase>
                <testcase name="[It] [sig-node] A passes [NodeConformance] [sig-node, NodeConformance]" status="passed"
                 time="1.5"><system-err>log</system-err></testcase>
                <testcase name="[It] [sig-node] B fails [sig-node]" status="failed" time="2">
                <failure message="want&#xA;  this" type="failed">stack</failure></testcase>
                <testcase name="[It] [sig-node] C hangs [sig-node]" status="timedout" time="3">
                <error message="timed out" type="timedout">stack</error></testcase>
                <testcase name="[It] [sig-node] D skips itself [sig-node]" status="skipped" time="4">
                <skipped message="skipped - no swap"></skipped></testcase>
                <testcase name="[It] [sig-node] E was not selected [sig-node]" status="skipped" time="0">
                <skipped message="skipped"></skipped></testcase>
                </testsuite></testsuites>
                """);

        assertEquals(
                List.of(
                        new SpecResult(
                                "[sig-node] A passes [NodeConformance]", Outcome.PASSED, Duration.ofMillis(1_500), ""),
                        new SpecResult("[sig-node] B fails", Outcome.FAILED, Duration.ofSeconds(2), "want this"),
                        new SpecResult("[sig-node] C hangs", Outcome.FAILED, Duration.ofSeconds(3), "timed out"),
                        new SpecResult(
                                "[sig-node] D skips itself",
                                Outcome.SKIPPED,
                                Duration.ofSeconds(4),
                                "skipped - no swap")),
                SpecResult.read(file));
    }

    private static SpecResult result(String name, Outcome outcome, String message) {
        return new SpecResult(name, outcome, Duration.ofSeconds(65), message);
    }

    private static ConformanceTable table(String list, SpecResult... results) throws IOException {
        return ConformanceTable.of(Arrays.asList(results), parse(list));
    }

    private static Map<String, ListedSpec> parse(String list) throws IOException {
        return ListedSpec.parse(list.lines().toList(), "expected.tsv");
    }
}
