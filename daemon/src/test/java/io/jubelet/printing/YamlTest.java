/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {

    @Test
    void looksAsKubectlWritesIt() throws IOException {
        String json = """
                {"apiVersion":"v1","metadata":{"labels":{},"name":"web"},"spec":{"containers":[{"args":["-c","a: b"],
                "image":"registry.local/web:2","ports":[{"containerPort":80}]},{"env":[]}],"on":"yes","script":
                "line 1\\n\\nline 3\\n","n":null,"t":true,"s":"12","at":"2026-01-01T00:00:00Z"}}""";
        assertEquals("""
                apiVersion: v1
                metadata:
                  labels: {}
                  name: web
                spec:
                  containers:
                  - args:
                    - "-c"
                    - "a: b"
                    image: registry.local/web:2
                    ports:
                    - containerPort: 80
                  - env: []
                  "on": "yes"
                  script: |
                    line 1

                    line 3
                  "n": null
                  t: true
                  s: "12"
                  at: "2026-01-01T00:00:00Z"
                """, Yaml.of(Json.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a",
                "a:",
                "a: b",
                "a #b",
                "# a",
                "- a",
                "*a",
                "&a",
                "!a",
                "%a",
                "@a",
                "`a",
                "'a'",
                "\"a\"",
                "{a}",
                "[a]",
                "a\\b",
                "yes",
                "Null",
                "~",
                "1",
                "1e3",
                "0x1f",
                "1:20",
                "2026-01-01",
                "=",
                "<<",
                "two\nlines",
                "two\nlines\n",
                "two\nlines\n\n",
                "\n",
                "\nlead",
                " lead\nmore",
                "trail \nmore",
                "tab\tin",
                "bell\u0007",
                "del\u007f",
                "c1\u0085",
                "ls\u2028",
                "umlaut \u00e4",
                "\ud83d\ude00",
                "a  b",
                "key: |"
            })
    void everyTextReadsBackAsItWas(String text) throws IOException {
        String yaml = Yaml.of(new Json(Map.of("outer", List.of(Map.of("k", text)))));
        try (JsonParser parser = new YAMLFactory().createParser(yaml)) {
            parser.nextToken();
            Json read = Json.read(parser);
            assertEquals(text, read.at("outer").items().getFirst().at("k").value(), yaml);
        }
    }
}
