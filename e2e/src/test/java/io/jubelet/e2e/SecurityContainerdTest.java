/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.StatusResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The users and privileges of container processes, as the kernel reports them, on real containerd. */
@OnContainerd
class SecurityContainerdTest {

    private static final int CAP_CHOWN = 0;
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_SYS_ADMIN = 21;

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** A pod that sleeps; {@code ofPod} and {@code ofContainer} are the content of the two securityContexts. */
    private static String confined(String name, String image, String ofPod, String ofContainer) {
        return pod(name, sleeper(), "  securityContext: {" + ofPod + "}").replace("busybox:1", image)
                + "    securityContext: {" + ofContainer + "}\n";
    }

    private Map<String, String> process(String pod) throws IOException {
        return process(daemon.awaitRunning(pod));
    }

    /** What {@code /proc/PID/status} says of a container's first process. */
    private Map<String, String> process(Container container) throws IOException {
        Map<String, String> status = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/" + daemon.pid(container) + "/status"))) {
            String[] parts = line.split(":", 2);
            status.put(parts[0], parts[1].strip().replace('\t', ' '));
        }
        return status;
    }

    private static boolean has(Map<String, String> process, String set, int capability) {
        return (Long.parseUnsignedLong(process.get(set), 16) >> capability & 1) == 1;
    }

    private static void assertIds(String all, String id, Map<String, String> process, String field) {
        assertEquals((id + " ").repeat(4).strip(), process.get(field), all);
    }

    private void assertUser(String pod, String user, String group, String groups) throws IOException {
        Map<String, String> process = process(pod);
        assertIds(pod, user, process, "Uid");
        assertIds(pod, group, process, "Gid");
        assertEquals(groups, process.get("Groups"), pod);
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private void awaitRefusal(String pod, String reason, String message) {
        daemon.await(
                reason + ": " + message,
                () -> api(pod).contains("\"reason\":\"" + reason + "\"")
                        && api(pod).replace("\\\"", "\"").contains(message));
        assertEquals(List.of(), daemon.containers(pod));
    }

    private boolean strictGroups() {
        StatusResponse.RuntimeFeatures features = daemon.runtime().status(false).features();
        return features != null && features.supplementalGroupsPolicy();
    }

    // --- users and groups

    @Test
    void aContainerRunsAsTheUserAndGroupsThatAreSaidOfItElseOfThePodElseOfTheImage() throws Exception {
        daemon.write("pod.yaml", confined("pod", "busybox:1", "runAsUser: 1234, runAsGroup: 2345", ""));
        daemon.write(
                "own.yaml",
                confined(
                        "own",
                        "busybox:1",
                        "runAsUser: 1234, runAsGroup: 2345, fsGroup: 77, supplementalGroups: [88, 99]",
                        "runAsUser: 1, runAsGroup: 2"));
        daemon.write("image.yaml", confined("image", "busybox:user", "fsGroup: 77", ""));
        daemon.write("group.yaml", confined("group", "busybox:user", "runAsGroup: 2345", ""));
        daemon.write("named.yaml", confined("named", "busybox:named", "", "runAsGroup: 2345"));
        assertUser("pod", "1234", "2345", "2345");
        assertUser("own", "1", "2", "2 77 88 99");
        assertUser("image", "1000", "1000", "77 1000 3000");
        assertUser("group", "1000", "2345", "2345 3000");
        assertIds("named", "1000", process("named"), "Uid");
        assertIds("named", "2345", process("named"), "Gid");
    }

    private static List<Path> all() {
        return RuntimeUnderTest.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void groupsOfTheImageAreLeftOutWhereThatIsAskedForAndThatIsRefusedWhereTheRuntimeCannot(Path containerd)
            throws Exception {
        daemon.close();
        daemon = new DaemonProcess(containerd, List.of()).start();
        daemon.write("merge.yaml", confined("merge", "busybox:named", "supplementalGroups: [88]", ""));
        daemon.write(
                "strict.yaml",
                confined("strict", "busybox:named", "supplementalGroups: [88], supplementalGroupsPolicy: Strict", ""));
        assertUser("merge", "1000", "1000", "88 1000 3000");
        if (strictGroups()) {
            assertUser("strict", "1000", "1000", "88 1000");
        } else {
            awaitRefusal(
                    "strict",
                    "SupplementalGroupsPolicyNotSupported",
                    "SupplementalGroupsPolicy=Strict is not supported in this node");
            assertEquals(List.of(), daemon.sandboxes("strict"));
        }
    }

    @Test
    void runAsNonRootRejectsRootAndUnknownUsers() throws Exception {
        daemon.write("root.yaml", confined("root", "busybox:1", "runAsNonRoot: true", ""));
        daemon.write("zero.yaml", confined("zero", "busybox:user", "runAsNonRoot: true", "runAsUser: 0"));
        daemon.write("named.yaml", confined("named", "busybox:named", "", "runAsNonRoot: true"));
        daemon.write("user.yaml", confined("user", "busybox:user", "", "runAsNonRoot: true"));
        daemon.write("said.yaml", confined("said", "busybox:1", "runAsNonRoot: true", "runAsUser: 5"));
        daemon.write("mine.yaml", confined("mine", "busybox:1", "runAsNonRoot: true", "runAsNonRoot: false"));
        String error = "CreateContainerConfigError";
        awaitRefusal("root", error, "container has runAsNonRoot and image will run as root (pod: \"root-");
        awaitRefusal("zero", error, "container's runAsUser breaks non-root policy (pod: \"zero-");
        awaitRefusal(
                "named",
                error,
                "container has runAsNonRoot and image has non-numeric user (user), cannot verify user is non-root");
        assertUser("user", "1000", "1000", "1000 3000");
        assertIds("said", "5", process("said"), "Uid");
        assertIds("mine", "0", process("mine"), "Uid");
    }

    @Test
    void theUserIsTheSameAtEveryStartAlsoAfterARestartOfTheDaemon() throws Exception {
        daemon.write("web.yaml", confined("web", "busybox:user", "runAsNonRoot: true, supplementalGroups: [7]", ""));
        Container first = daemon.awaitRunning("web");
        assertUser("web", "1000", "1000", "7 1000 3000");
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "the container lives on",
                Duration.ofSeconds(2),
                () -> daemon.running("web").stream().anyMatch(c -> c.id().equals(first.id())));
        daemon.crash(first);
        daemon.awaitReplaced("web", first);
        assertUser("web", "1000", "1000", "7 1000 3000");
    }

    // --- capabilities

    @Test
    void capabilitiesAreAddedAndDropped() throws Exception {
        daemon.write("none.yaml", confined("none", "busybox:1", "", "capabilities: {drop: [ALL]}"));
        daemon.write("some.yaml", confined("some", "busybox:1", "", "capabilities: {add: [NET_ADMIN], drop: [chown]}"));
        daemon.write("all.yaml", confined("all", "busybox:1", "", "capabilities: {add: [ALL]}"));
        assertEquals("0000000000000000", process("none").get("CapBnd"));
        assertEquals("0000000000000000", process("none").get("CapEff"));
        Map<String, String> some = process("some");
        assertTrue(has(some, "CapEff", CAP_NET_ADMIN) && !has(some, "CapBnd", CAP_CHOWN), some::toString);
        assertFalse(has(some, "CapBnd", CAP_SYS_ADMIN), some::toString);
        assertTrue(has(process("all"), "CapEff", CAP_SYS_ADMIN));
    }

    @Test
    void aPrivilegedContainerMayDoEverything() throws Exception {
        daemon.write("may.yaml", confined("may", "busybox:1", "", "privileged: true"));
        Container container = daemon.awaitRunning("may");
        assertTrue(has(process(container), "CapEff", CAP_SYS_ADMIN));
        assertTrue(Files.exists(Path.of("/proc/" + daemon.pid(container) + "/root/dev/null")));
        List<String> devices;
        try (var files = Files.list(Path.of("/proc/" + daemon.pid(container) + "/root/dev"))) {
            devices = files.map(path -> path.getFileName().toString()).toList();
        }
        assertTrue(devices.size() > 20, devices::toString);
        assertEquals("", mount(container, "/proc/sys"));
        assertEquals("rw", options(container, "/sys"));
    }

    @Test
    void noNewPrivilegesAreGainedWhereThatIsForbidden() throws Exception {
        daemon.write("may.yaml", confined("may", "busybox:1", "", "allowPrivilegeEscalation: true"));
        daemon.write("not.yaml", confined("not", "busybox:1", "", "allowPrivilegeEscalation: false"));
        assertEquals("0", process("may").get("NoNewPrivs"));
        assertEquals("1", process("not").get("NoNewPrivs"));
    }

    // --- files

    /** The line of a mount in the container; empty when there is none. */
    private String mount(Container container, String at) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + daemon.pid(container) + "/mountinfo")).stream()
                .filter(line -> line.split(" ")[4].equals(at))
                .reduce("", (_, last) -> last);
    }

    private String options(Container container, String at) throws IOException {
        String line = mount(container, at);
        return line.isEmpty() ? "" : line.split(" ")[5].split(",")[0];
    }

    @Test
    void rootFileSystemIsReadOnlyIfRequested() throws Exception {
        daemon.write("ro.yaml", confined("ro", "busybox:1", "", "readOnlyRootFilesystem: true"));
        daemon.write("rw.yaml", confined("rw", "busybox:1", "", "readOnlyRootFilesystem: false"));
        assertEquals("ro", options(daemon.awaitRunning("ro"), "/"));
        assertEquals("rw", options(daemon.awaitRunning("rw"), "/"));
    }

    @Test
    void partsOfProcAreHiddenOrReadOnly() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container container = daemon.awaitRunning("web");
        for (String masked : List.of("/proc/kcore", "/proc/keys", "/sys/firmware")) {
            if (Files.exists(Path.of(masked))) {
                assertFalse(mount(container, masked).isEmpty(), masked);
            }
        }
        for (String readOnly : List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")) {
            if (Files.exists(Path.of(readOnly))) {
                assertEquals("ro", options(container, readOnly), readOnly);
            }
        }
    }

    // --- profiles

    /** 0 for none, 2 for a filter. */
    private String seccomp(String pod) throws IOException {
        return process(pod).get("Seccomp");
    }

    @Test
    void containersHaveTheRequestedSeccompProfile() throws Exception {
        daemon.write("plain.yaml", pod("plain", sleeper()));
        daemon.write("default.yaml", confined("default", "busybox:1", "seccompProfile: {type: RuntimeDefault}", ""));
        daemon.write(
                "own.yaml",
                confined(
                        "own",
                        "busybox:1",
                        "seccompProfile: {type: RuntimeDefault}",
                        "seccompProfile: {type: Unconfined}"));
        assertEquals("0", seccomp("plain"));
        assertEquals("2", seccomp("default"));
        assertEquals("0", seccomp("own"));
        String info = daemon.runtime()
                .podSandboxStatusVerbose(daemon.sandboxes("own").getFirst().id())
                .info()
                .toString();
        long pause = Long.parseLong(info.replaceAll("(?s).*?\"pid\":\\s*(\\d+).*", "$1"));
        assertTrue(Files.readString(Path.of("/proc/" + pause + "/status")).contains("Seccomp:\t2\n"), info);
    }

    @Test
    void aSeccompProfileOfTheNodeIsEnforcedAndWaitedForUntilItIsThere() throws Exception {
        daemon.write(
                "local.yaml",
                pod("local", "mkdir /tmp/a || echo forbidden; " + sleeper())
                        + "    securityContext: {seccompProfile: {type: Localhost, localhostProfile: my/no-mkdir.json}}\n");
        Path profile = daemon.rootDir.resolve("seccomp/my/no-mkdir.json");
        awaitRefusal("local", "CreateContainerError", "cannot load seccomp profile \"" + profile + "\"");
        Files.createDirectories(profile.getParent());
        Files.writeString(
                profile,
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],"
                        + "\"action\":\"SCMP_ACT_ERRNO\"}]}");
        Container container = daemon.awaitRunning("local");
        assertEquals("2", process(container).get("Seccomp"));
        daemon.await("its output", () -> daemon.output(container).contains("forbidden"));
    }

    @Test
    void theNodeCanGiveEveryContainerTheProfileOfTheRuntime() throws Exception {
        daemon.close();
        daemon = new DaemonProcess("--seccomp-default=true").start();
        daemon.write("plain.yaml", pod("plain", sleeper()));
        daemon.write("free.yaml", confined("free", "busybox:1", "", "seccompProfile: {type: Unconfined}"));
        assertEquals("2", seccomp("plain"));
        assertEquals("0", seccomp("free"));
    }

    @Test
    void aProfileOfAppArmorIsRefusedWhereTheKernelHasNoAppArmor() throws Exception {
        assumeTrue(!Files.exists(Path.of("/sys/module/apparmor")), "this kernel has AppArmor");
        daemon.write("field.yaml", confined("field", "busybox:1", "appArmorProfile: {type: RuntimeDefault}", ""));
        daemon.write(
                "old.yaml",
                pod("old", sleeper())
                        .replace(
                                "  name: old\n",
                                "  name: old\n  annotations:\n"
                                        + "    container.apparmor.security.beta.kubernetes.io/app: localhost/mine\n"));
        daemon.write("free.yaml", confined("free", "busybox:1", "appArmorProfile: {type: Unconfined}", ""));
        String words = "Cannot enforce AppArmor: AppArmor is not enabled on the host";
        awaitRefusal("field", "AppArmor", words);
        awaitRefusal("old", "AppArmor", words);
        daemon.awaitRunning("free");
    }

    @Test
    void theLabelOfSelinuxReachesTheRuntimeThatOfTheContainerFirst() throws Exception {
        daemon.write(
                "label.yaml",
                confined("label", "busybox:1", "seLinuxOptions: {level: 's0:c1'}", "seLinuxOptions: {type: t}"));
        Container container = daemon.awaitRunning("label");
        String info =
                daemon.runtime().containerStatusVerbose(container.id()).info().toString();
        assertTrue(info.contains("\"selinux_options\":{\"type\":\"t\"}"), info);
        String sandbox = daemon.runtime()
                .podSandboxStatusVerbose(container.podSandboxId())
                .info()
                .toString();
        assertTrue(sandbox.contains("\"selinux_options\":{\"level\":\"s0:c1\"}"), sandbox);
    }

    @Test
    void aMisspeltCapabilityChangesNothingOfThePodThatRuns() throws Exception {
        daemon.write("web.yaml", confined("web", "busybox:1", "", "capabilities: {drop: [ALL]}"));
        Container running = daemon.awaitRunning("web");
        daemon.write("web.yaml", confined("web", "busybox:1", "", "capabilities: {drop: [AL]}"));
        daemon.await(
                "the reason", () -> daemon.cliQuietly("get", "manifests").contains("\"AL\" is not a Linux capability"));
        assertEquals(ContainerState.RUNNING, daemon.status(running).state());
    }
}
