/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * What became of a spec of the node suite.
 *
 * @param name its full text, such as {@code [sig-node] MirrorPod when create a mirror pod should be recreated}
 * @param message why it did not pass, in one line; empty if it passed
 */
record SpecResult(String name, Outcome outcome, Duration time, String message) {

    enum Outcome {
        PASSED,
        /** The spec found that this machine cannot run it. */
        SKIPPED,
        FAILED
    }

    /** Ginkgo puts the kind of node before the text of a spec and its labels behind. */
    private static final Pattern SPEC = Pattern.compile("\\[It] (.*?)( \\[[^\\]]*])?");

    private static final String NOT_SELECTED = "skipped";

    private static final int LONGEST_MESSAGE = 300;

    /**
     * Reads the specs that ran from a JUnit XML file of Ginkgo, which also lists those that were not selected.
     *
     * @throws IOException if the file cannot be read or is malformed
     */
    static List<SpecResult> read(Path file) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        List<SpecResult> results = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader xml = factory.createXMLStreamReader(in);
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamConstants.START_ELEMENT
                        && xml.getLocalName().equals("testcase")) {
                    testCase(xml, results);
                }
            }
        } catch (XMLStreamException e) {
            throw new IOException(file + " is no JUnit XML file", e);
        }
        return results;
    }

    private static void testCase(XMLStreamReader xml, List<SpecResult> results) throws XMLStreamException {
        var spec = SPEC.matcher(xml.getAttributeValue(null, "name"));
        if (!spec.matches()) {
            return;
        }
        Outcome outcome = switch (xml.getAttributeValue(null, "status")) {
            case "passed" -> Outcome.PASSED;
            case "skipped" -> Outcome.SKIPPED;
            default -> Outcome.FAILED;
        };
        Duration time = Duration.ofMillis(Math.round(Double.parseDouble(xml.getAttributeValue(null, "time")) * 1_000));
        String message = message(xml);
        if (outcome != Outcome.SKIPPED || !message.equals(NOT_SELECTED)) {
            results.add(new SpecResult(spec.group(1), outcome, time, line(message)));
        }
    }

    /** The message of the failure or skip, or "", with the reader behind the test case. */
    private static String message(XMLStreamReader xml) throws XMLStreamException {
        String message = "";
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("testcase")) {
                break;
            }
            if (event == XMLStreamConstants.START_ELEMENT && xml.getAttributeValue(null, "message") != null) {
                message = xml.getAttributeValue(null, "message");
            }
        }
        return message;
    }

    private static String line(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
