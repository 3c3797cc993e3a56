/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PrivateKeys;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.concurrent.NodeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReloadingKubeconfigTest extends KubeconfigFixture {

    private void place(KeyAndCertificates identity) throws IOException {
        Files.writeString(directory.resolve("n.crt"), Certificates.pem(identity.chain()));
        Files.writeString(directory.resolve("n.key"), PrivateKeys.pem(identity.key()));
    }

    @Test
    void waitsForAKubeconfig() throws Exception {
        assertEquals("no credentials for the API server: no kubeconfig " + file, problem());
        config("token: t1");
        assertEquals(Optional.of("t1"), identity.current().token());
    }

    @Test
    void readsATokenFileAgainWhenItChanges() throws Exception {
        config("tokenFile: t");
        assertTrue(problem().endsWith("no token file " + directory.resolve("t")), this::problem);
        Files.writeString(directory.resolve("t"), "first\n");
        ClientConfig first = identity.current();
        assertEquals(Optional.of("first"), first.token());
        later();
        Files.writeString(directory.resolve("t"), "second-token\n");
        ClientConfig second = identity.current();
        assertEquals(Optional.of("second-token"), second.token());
        assertSame(first.tls(), second.tls(), "connections are kept");
    }

    @Test
    void readsAChangedFileAlsoAfterTheClockWasSetBack() throws Exception {
        config("tokenFile: t");
        Files.writeString(directory.resolve("t"), "first");
        assertEquals(Optional.of("first"), identity.current().token());
        clockSet = Duration.ofDays(-1);
        later();
        Files.writeString(directory.resolve("t"), "second-token");
        assertEquals(Optional.of("second-token"), identity.current().token());
    }

    @Test
    void aTokenThatIsNoHeaderIsNotShown() throws Exception {
        config("token: secret \u00e4");
        assertTrue(problem().endsWith("contains more than one word; expected one token"), this::problem);
        assertTrue(!problem().contains("secret"), this::problem);
    }

    @Test
    void filesHaveLimits() throws Exception {
        config("tokenFile: t");
        Files.writeString(directory.resolve("t"), "t".repeat(BearerToken.MAX_CHARS) + "\n");
        assertEquals(
                BearerToken.MAX_CHARS, identity.current().token().orElseThrow().length());
        later();
        Files.writeString(directory.resolve("t"), "t".repeat(BearerToken.MAX_CHARS + 3));
        assertEquals(
                BearerToken.MAX_CHARS, identity.current().token().orElseThrow().length(), "the old one is kept");
    }

    @Test
    void aKubeconfigThatIsTooLargeOrEndlessIsRefused() throws Exception {
        config("token: t");
        String comment = "\n#";
        String text = Files.readString(file);
        Files.writeString(file, text + comment + "x".repeat(LoadedKubeconfig.MAX_BYTES - text.length() - 2));
        assertEquals(Optional.of("t"), identity.current().token());
        Files.writeString(file, text + comment + "x".repeat(LoadedKubeconfig.MAX_BYTES - text.length() - 1));
        ReloadingKubeconfig other = new ReloadingKubeconfig(file, NodeClock.neverSet(() -> now));
        String tooLarge = assertThrows(KubeApiException.NoCredentials.class, other::current)
                .getMessage();
        assertTrue(tooLarge.contains("is larger than 1048576 bytes"), tooLarge);
        ReloadingKubeconfig endless = new ReloadingKubeconfig(Path.of("/dev/zero"), NodeClock.neverSet(() -> now));
        String device = assertThrows(KubeApiException.NoCredentials.class, endless::current)
                .getMessage();
        assertTrue(device.contains("is not a regular file"), device);
    }

    @Test
    void readsEverythingAgainAfterARefusal() throws Exception {
        config("tokenFile: t");
        Files.writeString(directory.resolve("t"), "first");
        ClientConfig first = identity.current();
        identity.unauthorized(first);
        assertEquals(first, identity.current(), "nothing has changed");
        Files.writeString(directory.resolve("t"), "other");
        assertEquals(first, identity.current(), "not looked at yet");
        identity.unauthorized(first);
        assertEquals(Optional.of("other"), identity.current().token());
    }

    @Test
    void takesARenewedCertificateAndMakesNewConnections() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates first = issue("n1", Duration.ofHours(1));
        place(first);
        ClientConfig before = identity.current();
        assertEquals(Optional.of(first), identity.certificate());
        assertSame(before.tls(), identity.current().tls());
        later();
        KeyAndCertificates second = issue("n1", Duration.ofHours(2));
        place(second);
        assertNotSame(before.tls(), identity.current().tls());
        assertEquals(Optional.of(second), identity.certificate());
    }

    @Test
    void keepsWhatItHasWhileFilesAreBeingReplaced() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates first = issue("n1", Duration.ofHours(1));
        place(first);
        ClientConfig before = identity.current();
        KeyAndCertificates second = issue("n1", Duration.ofHours(2));
        for (String half : List.of("", Certificates.pem(second.chain()))) {
            later();
            Files.writeString(directory.resolve("n.crt"), half);
            assertEquals(before, identity.current());
        }
        later();
        Files.delete(directory.resolve("n.crt"));
        assertEquals(before, identity.current());
        later();
        place(second);
        assertNotSame(before.tls(), identity.current().tls());
    }

    @Test
    void takesAnotherAuthority() throws Exception {
        config("token: t");
        ClientConfig before = identity.current();
        later();
        Files.writeString(directory.resolve("ca.crt"), authority.pem() + new TestAuthority("CN=next").pem());
        assertNotSame(before.tls(), identity.current().tls());
    }

    @Test
    void takesTheCertificateThatWasPutThereLastAndIsValid() throws Exception {
        Path own = directory.resolve("kubelet-client-current.pem");
        identity = new ReloadingKubeconfig(file, Optional.of(own), new NodeClock(() -> now.plus(clockSet), () -> now));
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates given = issue("n1", Duration.ofHours(2));
        place(given);
        assertEquals(Optional.of(given), identity.certificate());
        later();
        KeyAndCertificates rotated = issue("n1", Duration.ofHours(1));
        Files.writeString(own, rotated.pem());
        assertEquals(Optional.of(rotated), identity.certificate());
        later();
        KeyAndCertificates renewed = issue("n1", Duration.ofHours(2));
        place(renewed);
        Files.setLastModifiedTime(
                directory.resolve("n.crt"), FileTime.from(Instant.now().plusSeconds(5)));
        assertEquals(Optional.of(renewed), identity.certificate());
        later();
        place(issue("n1", Duration.ofSeconds(-10)));
        Files.setLastModifiedTime(
                directory.resolve("n.crt"), FileTime.from(Instant.now().plusSeconds(6)));
        assertEquals(Optional.of(rotated), identity.certificate(), "the other has expired");
        later();
        Files.writeString(own, "damaged");
        place(given);
        assertEquals(Optional.of(given), identity.certificate());
    }

    @Test
    void writesTheKubeconfigOfABootstrap() throws Exception {
        config("token: abcdef.0123456789abcdef");
        identity.current();
        Path certificate = directory.resolve("pki/kubelet-client-current.pem");
        Path target = directory.resolve("written/kubelet.conf");
        identity.writeKubeconfig(certificate, target);
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(target));
        Kubeconfig written = KubeconfigParser.parse(target, Files.readAllBytes(target));
        assertEquals("https://192.0.2.1:6443", written.server().toString());
        assertEquals(Optional.of(new Kubeconfig.Content.InFile(directory.resolve("ca.crt"))), written.authority());
        assertEquals(
                Optional.of(new Kubeconfig.Content.InFile(certificate)),
                written.user().certificate());
        assertEquals(written.user().certificate(), written.user().key());
        assertEquals(Optional.empty(), written.user().token());
    }

    @Test
    void tellsThatACertificateHasExpired() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates short1 = issue("n1", Duration.ofSeconds(10));
        place(short1);
        identity.current();
        assertEquals("", identity.authenticationProblem());
        now = now.plusSeconds(11);
        identity.current();
        assertEquals(
                "the client certificate CN=system:node:n1,O=system:nodes expired at " + short1.notAfter(),
                identity.authenticationProblem());
    }

    @Test
    void saysWhichFileIsWrong() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates one = issue("n1", Duration.ofHours(1));
        place(one);
        Files.writeString(
                directory.resolve("n.key"),
                PrivateKeys.pem(PrivateKeys.generate().getPrivate()));
        assertTrue(
                problem().contains(directory.resolve("n.key") + ": the private key does not match the certificate"),
                this::problem);
        config("tokenFile: t");
        Files.writeString(directory.resolve("t"), "two words");
        later();
        assertTrue(problem().endsWith(directory.resolve("t") + ": contains more than one word; expected one token"));
    }
}
