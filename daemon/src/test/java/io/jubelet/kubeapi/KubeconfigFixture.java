/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.concurrent.NodeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A kubeconfig in a directory, the clock by which it is looked at, and the identity that follows. */
abstract class KubeconfigFixture {

    static final Instant START = Instant.now();

    final TestAuthority authority = new TestAuthority("CN=authority");

    @TempDir
    Path directory;

    Instant now = START;
    /** By how much the wall clock was set. */
    Duration clockSet = Duration.ZERO;

    Path file;
    ReloadingKubeconfig identity;

    @BeforeEach
    final void write() throws IOException {
        file = directory.resolve("kubelet.conf");
        Files.writeString(directory.resolve("ca.crt"), authority.pem());
        identity = new ReloadingKubeconfig(file, new NodeClock(() -> now.plus(clockSet), () -> now));
    }

    /** Writes the kubeconfig with this user. */
    void config(String user) throws IOException {
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters:
                - name: c
                  cluster:
                    server: https://192.0.2.1:6443
                    certificate-authority: ca.crt
                    extensions:
                    - name: client.authentication.k8s.io/exec
                      extension: {audience: nodes}
                users:
                - name: u
                  user:
                """ + user.indent(4));
    }

    KeyAndCertificates issue(String name, Duration validity) {
        return authority.issue("O=system:nodes, CN=system:node:" + name, now.minusSeconds(60), now.plus(validity));
    }

    /** Time for the next look at files. */
    void later() {
        now = now.plusSeconds(2);
    }

    /** Returns why there are no credentials. */
    String problem() {
        return assertThrows(KubeApiException.NoCredentials.class, identity::current)
                .getMessage();
    }
}
