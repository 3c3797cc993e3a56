/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All kinds of credentials of a node, and their changes while a daemon runs; pods keep running. */
class CredentialsClusterTest extends InCluster {

    @AfterEach
    void podsDidNotNotice() {
        node.assertPodUntouched();
    }

    private Path file() {
        return node.daemon.home.resolve("kubelet.conf");
    }

    private void start() throws IOException {
        node.start("--kubeconfig=" + file());
    }

    private Kubeconfig of(String lines) {
        return cluster.kubeconfig(new Kubeconfig.User.Other(lines));
    }

    private Kubeconfig certified(Duration validity) {
        return cluster.kubeconfig(new Kubeconfig.User.Certificate(cluster.nodeCertificate(node.name(), validity)));
    }

    /** In one step, for the daemon may be reading it. */
    private Path put(String name, String text) throws IOException {
        Path target = node.daemon.home.resolve(name);
        Path fresh = Files.writeString(target.resolveSibling(name + ".new"), text);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
        return Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aRenewedCertificateFileIsUsedWithoutARestart() throws Exception {
        Duration validity = Duration.ofSeconds(20);
        Instant end = Instant.now().plus(validity);
        certified(validity).writeWithFiles(file());
        start();
        node.awaitJoined();
        certified(Duration.ofHours(1)).writeWithFiles(file());
        node.daemon.await("the first certificate to expire", () -> Instant.now().isAfter(end.plusSeconds(2)));
        node.awaitAlive();
        assertFalse(node.daemon.log().contains("rejected our credentials"), node.daemon::log);
    }

    @Test
    void expiryOfCertificateIsReportedAndChangesAreSentAfterItsRenewal() throws Exception {
        certified(Duration.ofHours(1)).writeWithFiles(file());
        start();
        node.awaitReady();
        node.awaitMirror("steady", DaemonProcess.SOON, JoiningNode::isRunning);
        // Not earlier, because the time until this point is not bounded.
        certified(Duration.ofSeconds(5)).writeWithFiles(file());
        node.awaitLog(
                "the API server rejected our credentials: /readyz answered 401; the client certificate CN=system:node:"
                        + node.name() + ",O=system:nodes expired at ");
        daemon.write("meanwhile.yaml", DaemonProcess.pod("meanwhile", DaemonProcess.sleeper()));
        daemon.awaitRunning("meanwhile");
        assertEquals(404, node.code(node.mirror("meanwhile")));
        certified(Duration.ofHours(1)).writeWithFiles(file());
        Duration soon = Duration.ofSeconds(5);
        node.awaitMirror("meanwhile", soon, JoiningNode::isRunning);
        node.awaitRenewed(soon, Instant.now());
        node.awaitReady(soon);
    }

    @Test
    void expiredCertificateIsReportedAndItsSuccessorIsUsed() throws Exception {
        Instant now = Instant.now();
        cluster.kubeconfig(new Kubeconfig.User.Certificate(
                        cluster.nodeCertificate(node.name(), now.minusSeconds(600), now.minusSeconds(60))))
                .write(file());
        node.start("--kubeconfig=" + file(), node.config("rotateCertificates: true"));
        node.awaitLog(
                "the API server rejected our credentials: /readyz answered 401; the client certificate CN=system:node:"
                        + node.name() + ",O=system:nodes expired at ");
        node.awaitLog("there is no --bootstrap-kubeconfig to request another one");
        certified(Duration.ofHours(1)).write(file());
        node.awaitJoined();
        node.awaitAlive();
    }

    @Test
    void aTokenFileIsReadAgain() throws Exception {
        put("token", "wrong\n");
        of("tokenFile: token").write(file());
        start();
        node.awaitLog("the API server rejected our credentials: /readyz answered 401");
        put("token", cluster.apiServer().adminToken() + "\n");
        node.awaitJoined();
        node.awaitAlive();
    }

    private static String credential(String status) {
        return "cat <<EOF\n{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\","
                + " \"status\": {" + status + "}}\nEOF\n";
    }

    private void plugin(String script) throws IOException {
        put("plugin", "#!/bin/sh\n" + script);
    }

    private void withPlugin() throws IOException {
        withPlugin("");
    }

    private void withPlugin(String more) throws IOException {
        of("""
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: ./plugin
                  interactiveMode: Never
                  provideClusterInfo: true
                """.strip() + more).write(file());
    }

    @Test
    void pluginIsRunAgainWhenItsTokenExpires() throws Exception {
        String home = node.daemon.home.toString();
        String good = "echo \"$KUBERNETES_EXEC_INFO\" >" + home + "/info.new; mv " + home + "/info.new " + home
                + "/info; echo run >>" + home + "/runs\n"
                + credential("\"token\": \"" + cluster.apiServer().adminToken()
                        + "\", \"expirationTimestamp\": \"$(date -u -d '+5 seconds' +%Y-%m-%dT%H:%M:%SZ)\"");
        plugin(good);
        withPlugin();
        start();
        node.awaitJoined();
        assertTrue(Files.readString(node.daemon.home.resolve("info"))
                .contains("\"server\":\"" + cluster.apiServer().url() + "\""));
        node.daemon.await("another run", () -> runs() > 1);

        plugin("echo the account is locked >&2; exit 1\n");
        node.awaitLog("ended with exit code 1: the account is locked");
        node.assertPodUntouched();
        plugin(good);
        node.awaitAlive();
    }

    private long runs() {
        try {
            return Files.readAllLines(node.daemon.home.resolve("runs")).size();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void aPluginMayGiveACertificateAndMayHangWithoutHarm() throws Exception {
        plugin("echo $$ >" + node.daemon.home + "/hangs; exec sleep 1000\n");
        withPlugin();
        start();
        Path hangs = node.daemon.home.resolve("hangs");
        node.daemon.await("the plugin to hang", () -> Files.exists(hangs));
        CertificateAuthority.Issued issued = cluster.nodeCertificate(node.name(), Duration.ofHours(1));
        plugin(credential(
                "\"clientCertificateData\": \"" + issued.certificatePem().replace("\n", "\\\\n")
                        + "\", \"clientKeyData\": \"" + issued.keyPem().replace("\n", "\\\\n") + "\""));
        node.assertPodUntouched();
        daemon.holdsFor("the node not to be there", Duration.ofSeconds(3), () -> node.code(node.path()) == 404);
        // The one that hangs is given a minute, unless the kubeconfig no longer asks for it.
        withPlugin("\n  args: [again]");
        node.awaitJoined();
        node.awaitAlive();
        long hung = Long.parseLong(Files.readString(hangs).strip());
        // Ended at once, and not at the end of its minute.
        daemon.await(
                "the end of the one that hangs",
                Duration.ofSeconds(10),
                () -> ProcessHandle.of(hung).filter(ProcessHandle::isAlive).isEmpty());
    }

    private void replaceInKubeconfig(String what, String by) throws IOException {
        String text = Files.readString(file());
        assertTrue(text.contains(what), text);
        put("kubelet.conf", text.replace(what, by));
    }

    @Test
    void theServerMayHaveAnotherNameAndMustHaveIt() throws Exception {
        certified(Duration.ofHours(1)).write(file());
        replaceInKubeconfig("    server:", "    tls-server-name: elsewhere.example.org\n    server:");
        start();
        node.awaitLog("not valid for elsewhere.example.org, but for [127.0.0.1, localhost]");
        assertEquals(
                404, cluster.admin("GET", "/api/v1/nodes/" + node.name(), null).code());
        replaceInKubeconfig("elsewhere.example.org", "localhost");
        node.awaitJoined();
    }

    @Test
    void unknownAuthorityIsRejectedUntilItsFileIsReplacedOrVerificationIsOff() throws Exception {
        certified(Duration.ofHours(1)).writeWithFiles(file());
        Path authority = file().resolveSibling(file().getFileName() + ".ca.crt");
        put(
                authority.getFileName().toString(),
                new CertificateAuthority("another").own().certificatePem());
        start();
        node.awaitLog("the API server is unreachable");
        assertEquals(
                404, cluster.admin("GET", "/api/v1/nodes/" + node.name(), null).code());
        put(authority.getFileName().toString(), cluster.authority().own().certificatePem());
        node.awaitJoined();

        put(
                authority.getFileName().toString(),
                new CertificateAuthority("another").own().certificatePem());
        replaceInKubeconfig(
                "    certificate-authority: " + authority.getFileName(), "    insecure-skip-tls-verify: true");
        node.awaitAlive();
    }

    @Test
    void theWayMayBeThroughAProxy() throws Exception {
        certified(Duration.ofHours(1)).write(file());
        try (ConnectProxy proxy = new ConnectProxy()) {
            replaceInKubeconfig("    server:", "    proxy-url: http://127.0.0.1:" + proxy.port() + "\n    server:");
            start();
            node.awaitJoined();
            assertEquals(
                    List.of("127.0.0.1:" + cluster.apiServer().port()),
                    proxy.targets().stream().distinct().toList());
        }
    }

    @Test
    void aPasswordIsRefusedWithAReason() throws Exception {
        of("username: root\npassword: secret").write(file());
        start();
        node.awaitLog("API servers no longer accept passwords; use a client certificate, a token or exec");
        assertFalse(node.daemon.log().contains("secret"), node.daemon::log);
    }
}
