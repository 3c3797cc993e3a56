/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.desired.CheckedFile;
import io.jubelet.document.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidationReportTest {

    private static CheckedFile file(
            String path, CheckedFile.Outcome outcome, List<Finding> errors, List<Finding> warnings) {
        return new CheckedFile(path, outcome, List.of(), errors, warnings);
    }

    private static final CheckedFile BAD = file(
            "bad.yaml",
            CheckedFile.Outcome.READ,
            List.of(Finding.of(9, 2, "spec.x", "is wrong")),
            List.of(Finding.of(3, 4, "spec.y", "is doubtful")));
    private static final CheckedFile GOOD = file("good.yaml", CheckedFile.Outcome.READ, List.of(), List.of());
    private static final CheckedFile BACKUP = file(
            "a.bak", CheckedFile.Outcome.IGNORED, List.of(), List.of(Finding.ofFile("its name is that of a backup")));
    private static final CheckedFile OTHER =
            file("x.manifest", CheckedFile.Outcome.NOT_READ, List.of(), List.of(Finding.ofFile("looks like a pod")));
    private static final CheckedFile CLOSED = file(
            "shut.yaml",
            CheckedFile.Outcome.UNREADABLE,
            List.of(),
            List.of(Finding.ofFile("cannot be read: permission denied")));

    @Test
    void linesAreOrderedByPlace() {
        assertEquals(
                List.of(
                        "bad.yaml:3:4: warning: spec.y: is doubtful",
                        "bad.yaml:9:2: error: spec.x: is wrong",
                        "a.bak: note: its name is that of a backup",
                        "x.manifest: warning: looks like a pod",
                        "shut.yaml: error: cannot be read: permission denied"),
                new ValidationReport(List.of(BAD, GOOD, BACKUP, OTHER, CLOSED)).lines());
    }

    @Test
    void whatIsIgnoredIsNoWarningAndWhatIsUnreadableMakesTheReportIncomplete() {
        ValidationReport report = new ValidationReport(List.of(BAD, GOOD, BACKUP, OTHER, CLOSED));
        assertEquals(1, report.errors());
        assertEquals(2, report.warnings());
        assertTrue(report.isIncomplete());
        assertFalse(new ValidationReport(List.of(BAD, GOOD, BACKUP, OTHER)).isIncomplete());
    }

    @Test
    void theSummaryCountsFiles() {
        assertEquals("1 file is valid.", new ValidationReport(List.of(GOOD, BACKUP)).summary());
        assertEquals("2 files are valid.", new ValidationReport(List.of(GOOD, GOOD)).summary());
        assertEquals(
                "1 of 2 files has errors; 2 files have warnings; 1 file cannot be read.",
                new ValidationReport(List.of(BAD, GOOD, BACKUP, OTHER, CLOSED)).summary());
        assertEquals("No manifest was read.", new ValidationReport(List.of(BACKUP)).summary());
    }

    @Test
    void jsonHasEverything() {
        assertEquals(
                "{\"errors\":1,\"warnings\":1,\"files\":[{\"path\":\"bad.yaml\",\"state\":\"Invalid\",\"objects\":[],"
                        + "\"findings\":[{\"severity\":\"warning\",\"line\":3,\"column\":4,\"field\":\"spec.y\","
                        + "\"message\":\"is doubtful\"},{\"severity\":\"error\",\"line\":9,\"column\":2,"
                        + "\"field\":\"spec.x\",\"message\":\"is wrong\"}]},"
                        + "{\"path\":\"a.bak\",\"state\":\"Ignored\",\"objects\":[],"
                        + "\"findings\":[{\"severity\":\"note\",\"message\":\"its name is that of a backup\"}]}]}",
                new ValidationReport(List.of(BAD, BACKUP)).json());
    }
}
