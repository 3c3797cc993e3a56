/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DefaultContainerTest {

    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

    private String choice(String annotations, String containers) throws IOException {
        String pod = "{\"metadata\":{\"annotations\":{" + annotations + "}},\"spec\":{\"initContainers\":[{\"name\":"
                + "\"prepare\"}],\"containers\":[" + containers + "]}}";
        return DefaultContainer.of(
                Json.read(new ByteArrayInputStream(pod.getBytes(StandardCharsets.UTF_8))),
                new PrintStream(notes, true, StandardCharsets.UTF_8));
    }

    private static String annotation(String container) {
        return "\"kubectl.kubernetes.io/default-container\":\"" + container + "\"";
    }

    private String notes() {
        return notes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void onlyContainerIsChosenSilently() throws IOException {
        assertEquals("app", choice("", "{\"name\":\"app\"}"));
        assertEquals("", notes());
    }

    @Test
    void annotationChooses() throws IOException {
        assertEquals("server", choice(annotation("server"), "{\"name\":\"shell\"},{\"name\":\"server\"}"));
        assertEquals("", notes());
    }

    @Test
    void annotationCanNameAnInitContainer() throws IOException {
        assertEquals("prepare", choice(annotation("prepare"), "{\"name\":\"app\"}"));
    }

    @Test
    void firstIsChosenWithANote() throws IOException {
        assertEquals("shell", choice("", "{\"name\":\"shell\"},{\"name\":\"server\"}"));
        assertEquals(
                "Container shell is the default; the pod has shell, server; choose one with -c"
                        + System.lineSeparator(),
                notes());
    }

    @Test
    void annotationThatNamesNoContainerIsReported() throws IOException {
        assertEquals("app", choice(annotation("sever"), "{\"name\":\"app\"}"));
        assertEquals(
                "The annotation kubectl.kubernetes.io/default-container names the container sever, which this pod does"
                        + " not have" + System.lineSeparator(),
                notes());
    }
}
