/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** A node in a cluster with a pod that kubectl reaches through a real API server. */
abstract class KubectlNode extends ServingNode {

    static final String KUBECTL_36 = "jubelet.test.kubectl";
    static final String KUBECTL_20 = "jubelet.test.kubectl-1.20";

    private Path kubeconfig;
    String pod;

    @BeforeEach
    void startPod() throws Exception {
        CertificateAuthority.Issued serving = cluster.authority().server("serving");
        Path certificate = Files.writeString(node.daemon.home.resolve("serving.crt"), serving.certificatePem());
        Path key = Files.writeString(node.daemon.home.resolve("serving.key"), serving.keyPem());
        node.start(joined("tlsCertFile: " + certificate + "\ntlsPrivateKeyFile: " + key));
        node.daemon.write("web.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: web}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "%s"]
                  - name: reader
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    stdin: true
                    command: [sh, -c, "while read line; do echo got $line; done; sleep 1000"]
                  - name: echo
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [nc, -ll, -p, "7000", -e, cat]
                """.formatted(DaemonProcess.sleeper()));
        pod = "web-" + node.name();
        kubeconfig = cluster.apiServer().adminKubeconfig(node.daemon.home.resolve("admin.kubeconfig"));
        cluster.awaitObject(
                "/api/v1/namespaces/default/pods/" + pod,
                "to be ready",
                each -> each.status("Ready").equals("True"));
    }

    List<String> kubectl(String property, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ServerProcess.program(property).toString(),
                "--kubeconfig=" + kubeconfig,
                "--cache-dir=" + node.daemon.home.resolve(property)));
        command.addAll(List.of(arguments));
        return command;
    }

    static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Whether a program runs in the container. */
    boolean runs(String program) throws IOException {
        return answers("pidof", program);
    }

    /** Whether a command in the container succeeds. */
    boolean answers(String... command) throws IOException {
        try {
            List<String> exec = kubectl(KUBECTL_36, "exec", pod, "-c", "app", "--");
            exec.addAll(List.of(command));
            return Commands.run(exec).exitCode() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
