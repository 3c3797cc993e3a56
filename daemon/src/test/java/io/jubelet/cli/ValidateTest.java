/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.PodTexts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateTest {

    private static final String DOUBTFUL =
            PodTexts.pod("web", "example.com/app:1").replace("{name: web}", "{name: web, uid: abc}");

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String input = "";
    private String good = "";
    private String bad = "";
    private String doubtful = "";

    @BeforeEach
    void write() throws IOException {
        good = write("good.yaml", PodTexts.pod("good", "example.com/app:1"));
        bad = write("bad.yaml", PodTexts.pod("bad", "example.com/app:1").replace("image:", "imge:"));
        doubtful = write("doubtful.yaml", DOUBTFUL);
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        String[] all = new String[arguments.length + 1];
        all[0] = "validate";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                InstantSource.system());
        ByteArrayInputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        return new JubeletCommand(terminal, in, _ -> 0).execute(all);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theExitCodeTellsWhatWasFound() {
        assertEquals(0, run(good));
        assertEquals("", out());
        assertEquals("1 file is valid.\n", err());
        assertEquals(1, run(bad));
        assertTrue(out().startsWith(bad + ":"), out());
        assertTrue(out().contains(": error: spec.containers[0].imge: a container has no field"), out());
        assertEquals(0, run(doubtful));
        assertTrue(out().contains(": warning: metadata.uid: is ignored"), out());
        assertEquals(1, run("--strict", doubtful));
        assertEquals(1, run(directory.toString()));
    }

    @Test
    void whatCannotBeReadEndsWithTwoAndTheOthersAreChecked() {
        assertEquals(2, run(directory.resolve("absent").toString(), bad));
        assertEquals("error: " + directory + "/absent does not exist\n1 file has errors.\n", err());
        assertTrue(out().startsWith(bad), out());
        assertEquals(2, run());
        assertEquals(2, run("-o", "xml", good));
    }

    @Test
    void aDashReadsStandardInput() {
        input = DOUBTFUL.replace("image:", "imge:");
        assertEquals(1, run("-"));
        assertTrue(out().contains("stdin:"), out());
        assertEquals(1, run("--output=json", "-"));
        assertTrue(out().startsWith("{\"errors\":"), out());
        assertEquals(1, run("-o", "sarif", "-"));
        assertTrue(out().contains("\"uri\":\"stdin\""), out());
    }

    @Test
    void aFileThatIsNamedTwiceIsReadOnce() {
        assertEquals(0, run(good, good));
        assertEquals("1 file is valid.\n", err());
    }

    @Test
    void theNameOfTheNodeCanBeGiven() throws IOException {
        String placed = write(
                "placed.yaml",
                PodTexts.pod("placed", "example.com/app:1").replace("spec:", "spec:\n  nodeName: edge7"));
        assertEquals(0, run("--strict", "--hostname-override=Edge7", placed));
        assertEquals(1, run("--strict", "--hostname-override=edge8", placed));
    }

    @Test
    void fixRewritesAFileAndPrintsTheDifference() throws IOException {
        Path file = Path.of(bad);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.writeString(file, "# a comment\n" + Files.readString(file));
        assertEquals(0, run("--fix", bad));
        assertEquals("# a comment\n" + PodTexts.pod("bad", "example.com/app:1"), Files.readString(file));
        assertTrue(out().contains("\n-    imge: example.com/app:1\n+    image: example.com/app:1\n"), out());
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(0, run("--fix", bad));
        assertEquals("", out());
    }

    @Test
    void fixOfADirectoryMendsItsManifests() throws IOException {
        String backup = write("bad.yaml.bak", Files.readString(Path.of(bad)));
        assertEquals(0, run("--fix", directory.toString()));
        assertEquals(PodTexts.pod("bad", "example.com/app:1"), Files.readString(Path.of(bad)));
        assertTrue(Files.readString(Path.of(backup)).contains("imge"));
    }

    @Test
    void fixOfStandardInputPrintsTheManifestAlone() {
        input = PodTexts.pod("web", "example.com/app:1").replace("image:", "imge:");
        assertEquals(0, run("--fix", "-"));
        assertEquals(PodTexts.pod("web", "example.com/app:1"), out());
        assertTrue(err().contains("+++ stdin mended"), err());
    }
}
