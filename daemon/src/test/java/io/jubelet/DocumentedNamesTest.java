/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages for developers name only classes that exist, and every package. */
class DocumentedNamesTest {

    private static final Path TOP = Path.of("..");
    private static final Pattern NAME = Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)(?:\\.[a-z]\\w*)?`");

    /** Classes of the JDK and of libraries, fields of the API, and classes of the past that a decision is about. */
    private static final Set<String> FOREIGN = Set.of(
            "ContainerSpec",
            "CreateContainerConfigError",
            "HttpClient",
            "MaxMetaspaceSize",
            "SpdySessionHandler",
            "SslHandler",
            "Http2ConnectionHandler",
            "Http2FrameCodec",
            "Http2MultiplexHandler",
            "JsonGenerator",
            "RunPodSandbox",
            "SSLContext",
            "SSLEngine",
            "SSLParameters",
            "X509ExtendedTrustManager",
            "X509TrustManagerImpl",
            "AbstractAsyncSSLConnection");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(TOP.resolve("ARCHITECTURE.md"), TOP.resolve("CONTRIBUTING.md")));
        pages.add(TOP.resolve("docs/glossary.md"));
        pages.add(TOP.resolve("docs/security.md"));
        try (Stream<Path> records = Files.list(TOP.resolve("docs/decisions"))) {
            records.sorted().forEach(pages::add);
        }
        return pages;
    }

    private static Set<String> classes() throws IOException {
        Set<String> classes = new TreeSet<>();
        for (String module : List.of("daemon", "cri-client", "e2e", "bench")) {
            try (Stream<Path> files = Files.walk(TOP.resolve(module).resolve("src"))) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith(".java"))
                        .forEach(file -> classes.add(file.substring(0, file.length() - ".java".length())));
            }
        }
        return classes;
    }

    @Test
    void everyClassThatAPageNamesExists() throws IOException {
        Set<String> classes = classes();
        Set<String> missing = new TreeSet<>();
        for (Path page : pages()) {
            Matcher name = NAME.matcher(Files.readString(page));
            while (name.find()) {
                if (!classes.contains(name.group(1)) && !FOREIGN.contains(name.group(1))) {
                    missing.add(page.getFileName() + ": " + name.group(1));
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void theArchitectureNamesEveryPackage() throws IOException {
        String text = Files.readString(TOP.resolve("ARCHITECTURE.md"));
        try (Stream<Path> packages = Files.list(Path.of("src/main/java/io/jubelet"))) {
            Set<String> unnamed = packages.filter(Files::isDirectory)
                    .map(directory -> directory.getFileName().toString())
                    .filter(name -> !text.contains("`" + name + "`"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(Set.of(), unnamed);
        }
    }

    @Test
    void theArchitectureFitsIntoOneReading() throws IOException {
        List<String> lines = Files.readAllLines(TOP.resolve("ARCHITECTURE.md"));
        assertEquals(
                List.of(), lines.stream().filter(line -> line.length() > 100).toList());
        assertEquals(250, Math.max(250, lines.size()), "lines");
    }
}
