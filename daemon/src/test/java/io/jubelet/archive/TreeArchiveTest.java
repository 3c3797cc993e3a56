/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.archive.TarEntry.Kind;
import io.jubelet.archive.TarEntry.Owner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files on their way through an archive: our own, those of GNU tar, and those that a hostile container would send. */
class TreeArchiveTest {

    private static final String LONG = "n".repeat(90) + "/" + "m".repeat(120);

    @TempDir
    private Path directory;

    private Path source;
    private Path outside;
    private Path target;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void directories() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
        outside = Files.writeString(directory.resolve("outside"), "untouched");
        target = directory.resolve("target");
    }

    private void fill() throws IOException {
        byte[] content = new byte[200_000];
        new Random(1).nextBytes(content);
        Files.write(source.resolve("binary"), content);
        Files.writeString(source.resolve("empty"), "");
        Path program =
                Files.writeString(Files.createDirectory(source.resolve("bin")).resolve("run"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(source.resolve(LONG).getParent());
        Files.writeString(source.resolve(LONG), "long");
        Files.writeString(source.resolve("größe 1"), "name");
        Files.createSymbolicLink(source.resolve("link"), Path.of("bin/run"));
        Files.createSymbolicLink(source.resolve("bin/up"), Path.of("../binary"));
    }

    private void assertCopied(Path copy) throws IOException {
        assertArrayEquals(Files.readAllBytes(source.resolve("binary")), Files.readAllBytes(copy.resolve("binary")));
        assertEquals(0, Files.size(copy.resolve("empty")));
        assertTrue(Files.isExecutable(copy.resolve("bin/run")));
        assertFalse(Files.getPosixFilePermissions(copy.resolve("binary")).contains(PosixFilePermission.OWNER_EXECUTE));
        assertEquals("long", Files.readString(copy.resolve(LONG)));
        assertEquals("name", Files.readString(copy.resolve("größe 1")));
        assertEquals(Path.of("bin/run"), Files.readSymbolicLink(copy.resolve("link")));
        assertEquals(Path.of("../binary"), Files.readSymbolicLink(copy.resolve("bin/up")));
    }

    private int extract(byte[] archive, String base) throws IOException {
        return TreeExtraction.extract(new ByteArrayInputStream(archive), base, target, warnings::add);
    }

    private byte[] pack(Path what, String name) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        TreePacking.pack(what, name, archive, warnings::add);
        return archive.toByteArray();
    }

    private static byte[] tar(Path in, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tar"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] archive = process.getInputStream().readAllBytes();
        assertEquals(0, process.waitFor());
        return archive;
    }

    private static byte[] archive(Object... entries) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(archive);
        for (Object each : entries) {
            TarEntry entry = (TarEntry) each;
            writer.write(entry, new ByteArrayInputStream("evil".getBytes(StandardCharsets.UTF_8)));
        }
        writer.end();
        return archive.toByteArray();
    }

    private static TarEntry file(String name) {
        return new TarEntry(name, Kind.FILE, 0644, Owner.ROOT, 4, 0, "");
    }

    private static TarEntry link(Kind kind, String name, String to) {
        return new TarEntry(name, kind, 0777, Owner.ROOT, 0, 0, to);
    }

    @Test
    void treePassesThroughOurOwnArchive() throws Exception {
        fill();
        assertEquals(10, extract(pack(source, "base"), "base"));
        assertCopied(target);
        assertEquals(List.of(), warnings);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "pax", "posix"})
    void archiveOfGnuTarIsRead(String format) throws Exception {
        fill();
        extract(tar(source, "--format=" + format, "-cf", "-", "./."), ".");
        assertCopied(target);
    }

    @Test
    void archiveOfOldFormatIsRead() throws Exception {
        Files.writeString(source.resolve("old"), "content");
        extract(tar(directory, "--format=ustar", "-cf", "-", "./source"), "source");
        assertEquals("content", Files.readString(target.resolve("old")));
    }

    @Test
    void ourArchiveIsReadByGnuTar() throws Exception {
        fill();
        Files.write(directory.resolve("a.tar"), pack(source, "base"));
        Files.createDirectory(target);
        tar(target, "-xf", "../a.tar");
        assertCopied(target.resolve("base"));
    }

    @Test
    void oneFileBecomesTheDestinationAndReplacesItsContent() throws Exception {
        Files.writeString(target, "more than that");
        assertEquals(1, extract(archive(file("./base")), "base"));
        assertEquals("evil", Files.readString(target));
    }

    @Test
    void existingFilesAndLinksInTheDestinationAreReplacedAndNotFollowed() throws Exception {
        Files.createDirectory(target);
        Files.createSymbolicLink(target.resolve("f"), outside);
        assertEquals(1, extract(archive(file("base/f")), "base"));
        assertEquals("evil", Files.readString(target.resolve("f"), StandardCharsets.UTF_8));
        assertFalse(Files.isSymbolicLink(target.resolve("f")));
        assertEquals("untouched", Files.readString(outside));
    }

    @Test
    void linkInThePlaceOfADirectoryIsAnError() throws Exception {
        Files.createDirectory(target);
        Files.createSymbolicLink(target.resolve("d"), directory);
        assertThrows(FileSystemException.class, () -> extract(archive(file("base/d/outside")), "base"));
        assertEquals("untouched", Files.readString(outside));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../outside", "base/../../outside", "/outside", "other/f", "base/d/../../../outside", "basement"
            })
    void namesThatLeaveTheDestinationAreSkipped(String name) throws Exception {
        assertEquals(0, extract(archive(file(name)), "base"));
        assertEquals("untouched", Files.readString(outside));
        assertFalse(Files.exists(target, LinkOption.NOFOLLOW_LINKS));
        assertEquals(List.of("skipping " + name + ", which is not below the requested path"), warnings);
    }

    @ParameterizedTest
    @CsvSource({
        "base/l, /etc/passwd, false",
        "base/l, ../outside, false",
        "base/d/l, ../../outside, false",
        "base/d/l, ../x, true",
        "base/d/l, ../../x, false",
        "base/l, d/.., false",
        "base/l, ./d/x, true",
        "base/l, '', false",
    })
    void symbolicLinksStayInTheDestination(String name, String to, boolean made) throws Exception {
        extract(archive(file("base/f"), link(Kind.SYMBOLIC_LINK, name, to)), "base");
        assertEquals(made, Files.isSymbolicLink(target.resolve(name.substring("base/".length()))));
        assertEquals(made ? 0 : 1, warnings.size());
    }

    @Test
    void fileBehindALinkIsNotWrittenThroughIt() throws Exception {
        // The link is made after the files, and then a directory is in its place.
        byte[] hostile = archive(link(Kind.SYMBOLIC_LINK, "base/d", "e"), file("base/d/outside"));
        assertThrows(FileSystemException.class, () -> extract(hostile, "base"));
        assertTrue(Files.isDirectory(target.resolve("d"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void chainOfLinksDoesNotLeadOut() throws Exception {
        extract(
                archive(
                        link(Kind.SYMBOLIC_LINK, "base/d", "."),
                        link(Kind.SYMBOLIC_LINK, "base/l", "d/d/../../outside")),
                "base");
        assertFalse(Files.exists(target.resolve("l"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void hardLinkBecomesACopyOfAFileInside() throws Exception {
        assertEquals(2, extract(archive(file("base/f"), link(Kind.HARD_LINK, "base/g", "base/f")), "base"));
        assertEquals("evil", Files.readString(target.resolve("g")));
        assertEquals(1, Files.getAttribute(target.resolve("g"), "unix:nlink"));
        extract(
                archive(link(Kind.HARD_LINK, "base/h", "../outside"), link(Kind.HARD_LINK, "base/i", "base/no")),
                "base");
        assertFalse(Files.exists(target.resolve("h")));
        assertEquals(2, warnings.size());
    }

    @Test
    void onlyASymbolicLinkIsAnErrorThatNamesItsTarget() throws IOException {
        byte[] archive = archive(link(Kind.SYMBOLIC_LINK, "./base", "there"));
        IOException refused = assertThrows(IOException.class, () -> extract(archive, "base"));
        assertEquals("it is a symbolic link to there; copy that", refused.getMessage());
    }

    @Test
    void devicesAreSkipped() throws Exception {
        byte[] archive = archive(file("base/null"));
        archive[156] = '3';
        String sum = String.format(Locale.ROOT, "%06o", TarReader.sum(archive));
        System.arraycopy(sum.getBytes(StandardCharsets.US_ASCII), 0, archive, 148, 6);
        assertEquals(0, extract(archive, "base"));
        assertEquals(1, warnings.size());
    }

    @Test
    void brokenArchiveIsAnError() throws Exception {
        byte[] whole = archive(file("base/f"));
        assertThrows(IOException.class, () -> extract(Arrays.copyOf(whole, 514), "base"));
        whole[0] = 'x';
        assertThrows(IOException.class, () -> extract(whole, "base"));
        assertThrows(
                IOException.class,
                () -> extract("tar: not found, and more text".repeat(40).getBytes(StandardCharsets.UTF_8), "base"));
    }

    @Test
    void namesAndAttributesHaveALimit() throws Exception {
        String longest = "base/" + "d/".repeat(100) + "f";
        assertEquals(1, extract(archive(file(longest)), "base"));
        String tooLong = "base/" + "x/".repeat(TarReader.MAX_NAME / 2);
        assertThrows(IOException.class, () -> extract(archive(file(tooLong)), "base"));
        String records = "base/" + "x".repeat(TarReader.MAX_RECORDS);
        assertThrows(IOException.class, () -> extract(archive(file(records)), "base"));
    }

    @Test
    void symbolicLinksHaveALimit() throws Exception {
        byte[] head = Arrays.copyOf(archive(link(Kind.SYMBOLIC_LINK, "base/l", "x")), TarReader.BLOCK);
        int[] left = {TreeExtraction.MAX_LINKS + 1};
        InputStream archive = new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                assertEquals(TarReader.BLOCK, length);
                System.arraycopy(head, 0, bytes, offset, length);
                return left[0]-- > 0 ? length : -1;
            }
        };
        IOException refused =
                assertThrows(IOException.class, () -> TreeExtraction.extract(archive, "base", target, warnings::add));
        assertEquals("the archive has more than 100000 symbolic links", refused.getMessage());
        assertEquals(0, left[0]);
    }

    @Test
    void numbersOfAnySizeSurvive() throws Exception {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        TarEntry large = new TarEntry("f", Kind.DIRECTORY, 0755, new Owner(4_000_000_000L, 1), 0, 1L << 40, "");
        new TarWriter(archive).write(large, new ByteArrayInputStream(new byte[0]));
        TarEntry read = new TarReader(new ByteArrayInputStream(archive.toByteArray()))
                .next()
                .orElseThrow();
        assertEquals(large, read);
    }

    @Test
    void fileThatBecomesShorterKeepsTheArchiveWhole() throws Exception {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(archive);
        TarEntry entry = new TarEntry("base/f", Kind.FILE, 0644, Owner.ROOT, 70_000, 0, "");
        assertThrows(EOFException.class, () -> writer.write(entry, new ByteArrayInputStream(new byte[] {1, 2, 3})));
        writer.write(file("base/g"), new ByteArrayInputStream("good".getBytes(StandardCharsets.UTF_8)));
        writer.end();
        assertEquals(2, extract(archive.toByteArray(), "base"));
        assertEquals("good", Files.readString(target.resolve("g")));
    }
}
