/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateStoreTest {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");

    private final TestAuthority authority = new TestAuthority("CN=authority");

    @TempDir
    private Path root;

    private Path pki;
    private CertificateStore store;

    @BeforeEach
    void open() {
        pki = root.resolve("pki");
        store = new CertificateStore(pki, "kubelet-client");
    }

    private KeyAndCertificates issued(KeyPair keys) {
        return new KeyAndCertificates(
                keys.getPrivate(),
                List.of(authority.sign(
                        "CN=n1", keys.getPublic(), NOW, NOW.plus(Duration.ofDays(1)), false, List.of())));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(pki)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void keepsACertificateAsTheKubeletDoes() throws IOException {
        assertEquals(Optional.empty(), store.current());
        KeyAndCertificates first = issued(store.pendingKey());
        store.save(first, NOW);
        assertEquals(List.of("kubelet-client-2026-11-21-18-00-00.pem", "kubelet-client-current.pem"), files());
        assertEquals(
                pki.resolve("kubelet-client-2026-11-21-18-00-00.pem"),
                Files.readSymbolicLink(pki.resolve("kubelet-client-current.pem")));
        assertEquals("rw-------", mode(store.currentFile()));
        assertEquals("rwx------", mode(pki));
        assertEquals(Optional.of(first), store.current());
        assertEquals(first, KeyAndCertificates.read(store.currentFile(), store.currentFile()));
    }

    @Test
    void keepsTheOneBeforeAndNoneOfTheOlder() throws IOException {
        Files.createDirectories(pki);
        Files.writeString(pki.resolve("kubelet-client-of-somebody.pem"), "theirs");
        for (int hour = 0; hour < 4; hour++) {
            store.save(issued(store.pendingKey()), NOW.plus(Duration.ofHours(hour)));
        }
        assertEquals(
                List.of(
                        "kubelet-client-2026-11-21-20-00-00.pem",
                        "kubelet-client-2026-11-21-21-00-00.pem",
                        "kubelet-client-current.pem",
                        "kubelet-client-of-somebody.pem"),
                files());
    }

    @Test
    void keepsTwoOfOneSecond() throws IOException {
        store.save(issued(store.pendingKey()), NOW);
        KeyAndCertificates second = issued(store.pendingKey());
        store.save(second, NOW);
        assertEquals(Optional.of(second), store.current());
    }

    @Test
    void findsTheKeyThatWasAskedWith() throws IOException {
        KeyPair asked = store.pendingKey();
        assertEquals("rw-------", mode(pki.resolve("kubelet-client.key.tmp")));
        KeyPair found = new CertificateStore(pki, "kubelet-client").pendingKey();
        assertEquals(asked.getPrivate(), found.getPrivate());
        assertEquals(asked.getPublic(), found.getPublic());
        store.deletePendingKey();
        assertNotEquals(asked.getPrivate(), store.pendingKey().getPrivate());
    }

    @Test
    void makesANewKeyWhenTheOldOneIsDamaged() throws IOException {
        store.pendingKey();
        for (String damaged : List.of("", "half", PemText.block("PUBLIC KEY", new byte[] {1}))) {
            Files.writeString(pki.resolve("kubelet-client.key.tmp"), damaged);
            KeyPair made = store.pendingKey();
            assertEquals(made.getPrivate(), store.pendingKey().getPrivate());
        }
    }

    /** What is on the disk when the daemon is killed after each step of keeping a certificate. */
    @Test
    void survivesAKillAtAnyPoint() throws IOException {
        KeyAndCertificates old = issued(store.pendingKey());
        store.save(old, NOW);
        KeyPair asked = store.pendingKey();
        KeyAndCertificates renewed = issued(asked);
        Path file = pki.resolve("kubelet-client-2026-11-21-19-00-00.pem");
        Instant later = NOW.plus(Duration.ofHours(1));

        Files.writeString(
                pki.resolve("." + file.getFileName() + ".new"), renewed.pem().substring(0, 100));
        assertEquals(Optional.of(old), store.current(), "half-written");
        assertArrayEquals(
                asked.getPrivate().getEncoded(), store.pendingKey().getPrivate().getEncoded());

        Files.writeString(file, renewed.pem());
        assertEquals(Optional.of(old), store.current(), "written");
        Files.createSymbolicLink(pki.resolve("kubelet-client-updated.pem"), file);
        assertEquals(Optional.of(old), store.current(), "the link made");
        assertEquals(asked.getPrivate(), store.pendingKey().getPrivate());

        store.save(renewed, later);
        assertEquals(Optional.of(renewed), store.current());
        assertFalse(Files.exists(pki.resolve("." + file.getFileName() + ".new")));

        CertificateStore.writeSecret(
                pki.resolve("kubelet-client.key.tmp"),
                PrivateKeys.pem(asked.getPrivate())
                        + PemText.block("PUBLIC KEY", asked.getPublic().getEncoded()));
        assertNotEquals(asked.getPrivate(), store.pendingKey().getPrivate(), "the key is in use already");
    }

    @Test
    void saysWhatIsWrongWithTheCurrentOne() throws IOException {
        store.save(issued(store.pendingKey()), NOW);
        Files.writeString(store.currentFile(), "nothing");
        assertEquals(
                store.currentFile() + ": not in PEM: no line begins with -----BEGIN",
                assertThrows(UnusableCertificateException.class, store::current).getMessage());
        assertTrue(Files.exists(store.currentFile()));
        store.pendingKey(); // is no worse for it
    }
}
