/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Those of the examples that tell what pods may do, and what they have for files: they become what their comments say. */
class ConfinedExamplesContainerdTest extends Examples {

    static final Set<String> TOLD = Set.of(
            "apparmor.yaml",
            "emptydir.yaml",
            "fs-group.yaml",
            "host-namespaces.yaml",
            "huge-pages.yaml",
            "image-volume.yaml",
            "mount-propagation.yaml",
            "privileged.yaml",
            "read-only.yaml",
            "runtime-class.yaml",
            "seccomp-profile.yaml",
            "security-context.yaml",
            "subpath.yaml",
            "sysctls.yaml",
            "user-namespace.yaml");

    @BeforeAll
    static void start() throws Exception {
        dropAll(TOLD);
    }

    @Test
    void appArmor() {
        if (Files.exists(Path.of("/sys/module/apparmor"))) {
            daemon.awaitRunning("apparmor");
        } else {
            daemon.await(
                    "its refusal",
                    () -> refusalOf("apparmor")
                            .contains("Cannot enforce AppArmor: AppArmor is not enabled on the host"));
        }
    }

    @Test
    void hostNamespaces() {
        Container container = daemon.awaitRunning("host-namespaces");
        // What ipcs has to complain of, on another stream, may be logged first.
        Pattern many = Pattern.compile("(?m)^([6-9]|\\d\\d+) processes$");
        daemon.await(
                "more than five processes",
                () -> many.matcher(daemon.output(container)).find());
    }

    @Test
    void privileged() {
        daemon.await("both to run", () -> daemon.running("privileged").size() == 2);
        daemon.await(
                "the address",
                () -> daemon.cliQuietly("logs", "privileged", "-c", "one-thing").contains("192.0.2.1"));
        Pattern more = Pattern.compile("(2[1-9]|[3-9]\\d|\\d{3,})\n");
        daemon.await(
                "more than twenty devices",
                () -> more.matcher(daemon.cliQuietly("logs", "privileged", "-c", "everything"))
                        .matches());
    }

    @Test
    void runtimeClass() {
        awaitOutput("runtime-class", "run by runc\n");
    }

    @Test
    void seccompProfile() throws Exception {
        Path profile = daemon.rootDir.resolve("seccomp/no-mkdir.json");
        daemon.await("the path", () -> refusalOf("seccomp-profile").contains(profile.toString()));
        Files.createDirectories(profile.getParent());
        Files.writeString(
                profile,
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],"
                        + "\"action\":\"SCMP_ACT_ERRNO\"}]}");
        awaitOutput("seccomp-profile", "mkdir: can't create directory '/tmp/new': Operation not permitted\n");
    }

    @Test
    void securityContext() {
        awaitOutput("security-context", "uid=1000(user) gid=3000");
        awaitOutput("security-context", "groups=2000,3000");
        awaitOutput("security-context", "touch: /file: Read-only file system\n");
    }

    @Test
    void sysctls() {
        awaitOutput("sysctls", "80\n");
        assertEquals(1, daemon.running("sysctls").size());
    }

    @Test
    void userNamespace() {
        daemon.await(
                "its ids or its refusal",
                () -> daemon.cliQuietly("logs", "user-namespace").matches("(?s)0\\s+0\\s+\\d{5,}\\s+65536\\s*")
                        || refusalOf("user-namespace").contains("runtime does not support user namespaces"));
    }

    @Test
    void hugePages() {
        daemon.await(
                "its mount or its refusal",
                () -> daemon.cliQuietly("logs", "huge-pages").contains(" /pages hugetlbfs rw")
                        || refusalOf("huge-pages").contains("Node didn't have enough resource: hugepages-2Mi"));
    }

    @Test
    void imageVolume() {
        daemon.await(
                "its files or its refusal",
                () -> daemon.cliQuietly("logs", "image-volume").contains("touch: /files/new: Read-only file system")
                        || refusalOf("image-volume").contains("the runtime cannot mount images as volumes"));
    }

    @Test
    void emptydir() {
        awaitOutput("emptydir", "cached\nNo space left on device\n");
    }

    @Test
    void subpath() {
        awaitOutput("subpath", "/all/data/default/file\n");
        assertTrue(Files.isDirectory(daemon.home.resolve("scratch/subpath/logs")));
    }

    @Test
    void mountPropagation() throws Exception {
        try (Commands.Running log = follow("mount-propagation", "-c", "reader")) {
            log.awaitPrinted("from the mounter\n");
        }
        daemon.remove("mount-propagation.yaml");
        daemon.awaitGone("mount-propagation");
    }

    @Test
    void fsGroup() {
        awaitOutput("fs-group", "1000 4242 /data/file\n");
    }

    @Test
    void readOnly() {
        awaitOutput("read-only", "Read-only file system\n");
    }
}
