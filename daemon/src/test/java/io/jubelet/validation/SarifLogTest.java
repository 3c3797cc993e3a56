/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.desired.CheckedFile;
import io.jubelet.document.Finding;
import io.jubelet.printing.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SarifLogTest {

    private static final ValidationReport REPORT = new ValidationReport(List.of(
            new CheckedFile(
                    "m/web.yaml",
                    CheckedFile.Outcome.READ,
                    List.of(),
                    List.of(Finding.of(7, 3, "spec.x", "is wrong")),
                    List.of(Finding.of(2, 1, "", "is doubtful"))),
            new CheckedFile(
                    "m/a.bak",
                    CheckedFile.Outcome.IGNORED,
                    List.of(),
                    List.of(),
                    List.of(Finding.ofFile("its name is that of a backup")))));

    private static Json read(String text) throws IOException {
        return Json.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void resultsHavePlaceLevelAndRule() throws IOException {
        Json log = read(SarifLog.of(REPORT, "1.2.3"));
        assertEquals("2.1.0", log.at("version").text());
        Json run = log.at("runs").items().getFirst();
        assertEquals("1.2.3", run.at("tool", "driver", "version").text());
        List<Json> results = run.at("results").items();
        assertEquals(
                List.of("warning manifest-doubtful 1", "error manifest-invalid 0", "note file-ignored 2"),
                results.stream()
                        .map(result -> result.at("level").text() + " "
                                + result.at("ruleId").text() + " "
                                + result.at("ruleIndex").number())
                        .toList());
        List<Json> rules = run.at("tool", "driver", "rules").items();
        for (Json result : results) {
            assertEquals(
                    result.at("ruleId").text(),
                    rules.get(result.at("ruleIndex").number()).at("id").text());
        }
        Json error = results.get(1);
        assertEquals("spec.x: is wrong", error.at("message", "text").text());
        Json location = error.at("locations").items().getFirst();
        assertEquals(
                "m/web.yaml",
                location.at("physicalLocation", "artifactLocation", "uri").text());
        assertEquals(7, location.at("physicalLocation", "region", "startLine").number());
        assertEquals(3, location.at("physicalLocation", "region", "startColumn").number());
        assertEquals(
                "spec.x",
                location.at("logicalLocations")
                        .items()
                        .getFirst()
                        .at("fullyQualifiedName")
                        .text());
        Json whole = results.get(2).at("locations").items().getFirst();
        assertEquals(1, whole.at("physicalLocation", "region", "startLine").number());
    }

    @ParameterizedTest
    @CsvSource({
        "a/b.yaml, a/b.yaml",
        "./b c.yaml, b%20c.yaml",
        "/etc/x:y.yaml, file:///etc/x%3Ay.yaml",
        "ä#?.yaml, %C3%A4%23%3F.yaml",
        "../b.yaml, ../b.yaml"
    })
    void pathsBecomeUriReferences(String path, String uri) {
        assertEquals(uri, SarifLog.uri(path));
    }
}
