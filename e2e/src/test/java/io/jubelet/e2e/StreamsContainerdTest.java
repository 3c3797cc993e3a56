/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams of the local socket while the runtime goes away. */
@OnContainerd
class StreamsContainerdTest {

    /** As with the kubelet, the certificate counts even though the streaming server is on this node. */
    @Test
    void streamingServerWithTlsNeedsATrustedCertificate() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd();
                DaemonProcess daemon = new DaemonProcess(containerd.socket(), List.of())) {
            CertificateAuthority authority = new CertificateAuthority("authority of this node");
            Path certs = Files.createDirectories(daemon.home.resolve("ssl/certs"));
            Files.writeString(
                    certs.resolve("ca-certificates.crt"),
                    Certificates.pem(List.of(authority.own().certificate())));
            daemon.runBy(
                    "unshare",
                    "--mount",
                    "--propagation=slave",
                    "sh",
                    "-c",
                    "mount --bind " + certs.getParent() + " /etc/ssl && exec \"$@\"",
                    "sh");
            containerd.startWithStreamingTls("");
            daemon.start();
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            Commands.Outcome untrusted = Eventually.await(
                    "an answer about the certificate",
                    () -> daemon.jubelet("exec", "web", "--", "true"),
                    outcome -> outcome.err().contains("must be of an authority that this system trusts"));
            assertEquals(1, untrusted.exitCode());
            CertificateAuthority.Issued issued = authority.server("streaming");
            Path certificate = Files.writeString(daemon.home.resolve("streaming.crt"), issued.certificatePem());
            Path key = Files.writeString(daemon.home.resolve("streaming.key"), issued.keyPem());
            containerd.startWithStreamingTls("""
                    [plugins."io.containerd.grpc.v1.cri".x509_key_pair_streaming]
                      tls_cert_file = "%s"
                      tls_key_file = "%s"
                    """.formatted(certificate, key));
            Eventually.await(
                    "a command to run",
                    () -> daemon.jubelet("exec", "web", "--", "sh", "-c", "echo out; exit 7"),
                    outcome -> outcome.exitCode() == 7 && outcome.out().equals("out\n"));
        }
    }

    @Test
    void saysThatTheRuntimeIsGoneAndServesWhenItIsBack() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd();
                DaemonProcess daemon = new DaemonProcess(containerd.socket(), List.of())) {
            daemon.start();
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            Eventually.await(
                    "the status of the container",
                    () -> daemon.jubelet("exec", "web", "--", "true"),
                    outcome -> outcome.exitCode() == 0);
            Commands.Outcome both = daemon.jubelet("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
            assertEquals(7, both.exitCode(), both::toString);
            assertEquals("out\n", both.out());
            assertTrue(both.err().endsWith("err\ncommand terminated with exit code 7\n"), both::toString);
            try (Commands.Running command = daemon.follow("exec", "web", "--", "sh", "-c", "echo begun; sleep 1000")) {
                command.awaitPrinted("begun");
                containerd.end("KILL");
                assertNotEquals(0, command.awaitEnd());
                command.awaitPrinted("the stream ended before the command did");
            }
            Commands.Outcome gone = daemon.jubelet("exec", "web", "--", "true");
            assertNotEquals(0, gone.exitCode());
            assertTrue(gone.err().contains("the container runtime cannot be reached"), gone::toString);
            containerd.start();
            Eventually.await(
                    "commands to run again",
                    () -> daemon.jubelet("exec", "web", "--", "true"),
                    outcome -> outcome.exitCode() == 0);
        }
    }
}
