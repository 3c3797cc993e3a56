package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.node.NodeFacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names, name servers and ports of pods on real containerd, as containers and those who connect to them see them. */
class NetworkContainerdTest {

    private static final String NEVER = "  restartPolicy: Never";

    @TempDir
    private Path directory;

    private DaemonProcess daemon;

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private void start(String... flags) throws IOException {
        daemon = new DaemonProcess(flags).start();
    }

    /** What a pod of one container prints until it has ended. */
    private String output(String pod) {
        daemon.await(pod + " to be done", () -> api(pod).contains("\"phase\":\"Succeeded\""));
        Container container = daemon.containers(pod).getFirst();
        return daemon.output(container);
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private String run(String pod, String script, String moreSpec) throws IOException {
        daemon.write(pod + ".yaml", pod(pod, script, NEVER + "\n" + moreSpec));
        return output(pod);
    }

    private String events(String pod) {
        return daemon.cliQuietly("get", "events", "--for", pod, "-o", "wide");
    }

    // --- name servers

    /** The lines of the resolv.conf that a pod with these lines sees, in no order. */
    private Set<String> resolvConf(String pod, String moreSpec) throws IOException {
        return run(pod, "cat /etc/resolv.conf", moreSpec)
                .lines()
                .filter(line -> !line.isBlank())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Path hostResolvConf() throws IOException {
        return Files.writeString(
                directory.resolve("resolv.conf"),
                "nameserver 192.0.2.53\nsearch example.org\noptions ndots:2 timeout:3\n");
    }

    private static final Set<String> OF_NODE =
            Set.of("nameserver 192.0.2.53", "search example.org", "options ndots:2 timeout:3");
    private static final Set<String> OF_CLUSTER = Set.of(
            "nameserver 10.96.0.10",
            "search default.svc.cluster.test svc.cluster.test cluster.test example.org",
            "options ndots:5");

    @Test
    void aPodResolvesNamesAsItsPolicySays() throws Exception {
        start("--cluster-dns=10.96.0.10", "--cluster-domain=cluster.test", "--resolv-conf=" + hostResolvConf());
        assertEquals(OF_CLUSTER, resolvConf("plain", ""));
        assertEquals(OF_CLUSTER, resolvConf("cluster", "  dnsPolicy: ClusterFirst"));
        assertEquals(OF_NODE, resolvConf("default", "  dnsPolicy: Default"));
        assertEquals(OF_NODE, resolvConf("host", "  hostNetwork: true"));
        assertEquals(OF_NODE, resolvConf("host-first", "  hostNetwork: true\n  dnsPolicy: ClusterFirst"));
        assertEquals(OF_CLUSTER, resolvConf("host-net", "  hostNetwork: true\n  dnsPolicy: ClusterFirstWithHostNet"));
        assertEquals(Set.of("nameserver 192.0.2.99", "search only.test", "options edns0"), resolvConf("none", """
                  dnsPolicy: None
                  dnsConfig: {nameservers: [192.0.2.99], searches: [only.test], options: [{name: edns0}]}
                """));
        assertEquals(
                Set.of(
                        "nameserver 192.0.2.53",
                        "nameserver 192.0.2.99",
                        "search example.org only.test",
                        "options ndots:4 timeout:3 edns0"),
                resolvConf("own", """
                  dnsPolicy: Default
                  dnsConfig:
                    nameservers: [192.0.2.53, 192.0.2.99]
                    searches: [only.test, example.org]
                    options: [{name: edns0}, {name: ndots, value: "4"}]
                """));
        assertFalse(events("plain").contains("MissingClusterDNS"), () -> events("plain"));
    }

    @Test
    void theConfigurationFileNamesTheServersToo() throws Exception {
        start("--config=" + ConfigFiles.write("dns", """
                clusterDNS: [10.96.0.10]
                clusterDomain: cluster.test
                resolvConf: %s
                """.formatted(hostResolvConf())));
        assertEquals(OF_CLUSTER, resolvConf("plain", ""));
    }

    @Test
    void withoutAClusterPodsAskTheNodeAndAreToldWhenTheyWantedTheCluster() throws Exception {
        start("--resolv-conf=" + hostResolvConf());
        assertEquals(OF_NODE, resolvConf("plain", ""));
        assertEquals(OF_NODE, resolvConf("cluster", "  dnsPolicy: ClusterFirst"));
        assertTrue(
                events("cluster").matches("(?s).*Warning +MissingClusterDNS .*Falling back to \"Default\" policy.*"),
                () -> events("cluster"));
        assertFalse(events("plain").contains("MissingClusterDNS"), () -> events("plain"));
    }

    @Test
    void whatResolversCannotTakeIsCutAndToldAsAnEvent() throws Exception {
        start("--resolv-conf=" + hostResolvConf());
        Set<String> seen = resolvConf("many", """
                  dnsPolicy: Default
                  dnsConfig: {nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3]}
                """);
        assertEquals(
                Set.of(
                        "nameserver 192.0.2.53",
                        "nameserver 192.0.2.1",
                        "nameserver 192.0.2.2",
                        "search example.org",
                        "options ndots:2 timeout:3"),
                seen);
        assertTrue(
                events("many").matches("(?s).*Warning +DNSConfigForming .*192.0.2.53 192.0.2.1 192.0.2.2.*"),
                () -> events("many"));
    }

    @Test
    void withoutAFileOfTheNodeNothingOutsideIsAsked() throws Exception {
        start("--resolv-conf=");
        Set<String> seen = resolvConf("alone", "");
        assertTrue(seen.remove("search ."), seen::toString);
        assertTrue(
                !seen.isEmpty()
                        && Set.of("nameserver 127.0.0.1", "nameserver ::1").containsAll(seen),
                seen::toString);
    }

    // --- names

    @Test
    void theKernelOfAPodKnowsItsName() throws Exception {
        start("--cluster-domain=cluster.test");
        String script = "cat /proc/sys/kernel/hostname; grep -v '^#' /etc/hosts | tail -n 1 | cut -f 2-";
        assertEquals("plain-" + daemon.node + "\nplain-" + daemon.node + "\n", run("plain", script, ""));
        assertEquals("shop\nshop\n", run("named", script, "  hostname: shop"));
        assertEquals(
                "shop\nshop.db.default.svc.cluster.test\tshop\n",
                run("sub", script, "  hostname: shop\n  subdomain: db"));
        assertEquals(
                "shop.db.default.svc.cluster.test\nshop.db.default.svc.cluster.test\tshop\n",
                run("fqdn", script, "  hostname: shop\n  subdomain: db\n  setHostnameAsFQDN: true"));
        assertEquals(
                "a.example.com\na.example.com\n",
                run("override", script, "  hostname: shop\n  subdomain: db\n  hostnameOverride: a.example.com"));
        String longName = "l".repeat(62) + ".x";
        assertEquals(
                "l".repeat(62), run(longName, script, "").lines().findFirst().orElseThrow());
    }

    @Test
    void aFullNameThatTheKernelCannotTakeHoldsThePodAndIsExplained() throws Exception {
        start("--cluster-domain=cluster.test");
        daemon.write("long.yaml", pod("long", sleeper(), """
                  hostname: %s
                  subdomain: db
                  setHostnameAsFQDN: true
                """.formatted("h".repeat(50))));
        daemon.await(
                "the reason",
                () -> events("long")
                        .matches("(?s).*Warning +FailedCreatePodSandBox .*is too long \\(64 characters is the max, 78"
                                + " characters requested\\).*"));
        assertTrue(daemon.sandboxes("long").isEmpty());
        daemon.write("long.yaml", pod("long", sleeper(), """
                  hostname: short
                  subdomain: db
                  setHostnameAsFQDN: true
                """));
        daemon.awaitRunning("long");
    }

    @Test
    void hostAliasesAreInTheHostsFileOnEitherNetwork() throws Exception {
        start();
        String aliases = """
                  hostAliases:
                  - {ip: 192.0.2.7, hostnames: [db, db.example]}
                  - {ip: "2001:db8::7", hostnames: [six]}
                """;
        String lines = "\n# Entries added by HostAliases.\n192.0.2.7\tdb\tdb.example\n2001:db8::7\tsix\n";
        String own = run("own", "cat /etc/hosts; ping -c 1 -W 1 db >&2 || true", aliases);
        assertTrue(own.startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"), own);
        assertTrue(own.contains("\town-" + daemon.node + "\n" + lines), own);
        assertTrue(own.contains("PING db (192.0.2.7)"), own);
        String host = run("host", "cat /etc/hosts", "  hostNetwork: true\n" + aliases);
        assertEquals(
                "# Kubernetes-managed hosts file (host network).\n" + Files.readString(Path.of("/etc/hosts")) + lines,
                host);
    }

    @Test
    void aContainerThatMountsItsOwnHostsFileIsGivenNoOther() throws Exception {
        start();
        Path hosts = Files.writeString(directory.resolve("hosts"), "192.0.2.1 mine\n");
        daemon.write(
                "mine.yaml",
                pod("mine", "cat /etc/hosts", NEVER + """

                  hostAliases: [{ip: 192.0.2.7, hostnames: [db]}]
                  volumes: [{name: hosts, hostPath: {path: %s}}]
                """.formatted(hosts))
                        + "    volumeMounts: [{name: hosts, mountPath: /etc/hosts}]\n");
        assertEquals("192.0.2.1 mine\n", output("mine"));
    }

    // --- ports

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** An address of this machine that others reach it by; not of a bridge that comes and goes with pods. */
    static String here() {
        try {
            return NodeFacts.read().ips().stream()
                    .filter(ip -> !ip.contains(":"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("this machine has no address"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is said at a port; empty when nobody listens there. */
    static String said(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 1000);
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            return "";
        }
    }

    private static String serving(String name, String ports) {
        return pod(name, web("hello from " + name)) + "    ports: " + ports + "\n";
    }

    /** A script that serves a page until it is stopped. */
    private static String web(String page) {
        return "mkdir /tmp/www; echo " + page + " > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www";
    }

    @Test
    void aHostPortLeadsIntoThePodAndIsClosedWithIt() throws Exception {
        start();
        int port = freePort();
        daemon.write("web.yaml", serving("web", "[{containerPort: 8080, hostPort: %s}]".formatted(port)));
        daemon.awaitRunning("web");
        daemon.await("an answer", () -> said(here(), port).equals("hello from web\n"));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("", said(here(), port));
    }

    @Test
    void aHostIpOpensThePortAtThatAddressAlone() throws Exception {
        start();
        int port = freePort();
        daemon.write(
                "one.yaml",
                serving("one", "[{containerPort: 8080, hostPort: %s, hostIP: %s}]".formatted(port, here())));
        daemon.write(
                "two.yaml", serving("two", "[{containerPort: 8080, hostPort: %s, hostIP: 127.0.0.1}]".formatted(port)));
        daemon.awaitRunning("one");
        daemon.awaitRunning("two");
        daemon.await("an answer of one", () -> said(here(), port).equals("hello from one\n"));
        daemon.await("an answer of two", () -> said("127.0.0.1", port).equals("hello from two\n"));
    }

    @Test
    void aSidecarHasHostPortsToo() throws Exception {
        start();
        int port = freePort();
        daemon.write("side.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: side}
                spec:
                  terminationGracePeriodSeconds: 0
                  initContainers:
                  - name: proxy
                    image: docker.io/library/busybox:1
                    restartPolicy: Always
                    command: [sh, -c, "%s"]
                    ports: [{containerPort: 8080, hostPort: %s}]
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    command: [sleep, "1000"]
                """.formatted(web("hello"), port));
        daemon.await("an answer", () -> said(here(), port).equals("hello\n"));
    }

    @Test
    void portsThatCannotBeAreRefusedBeforeAnythingIsStopped() throws Exception {
        start();
        int port = freePort();
        daemon.write("web.yaml", serving("web", "[{containerPort: 8080, hostPort: %s}]".formatted(port)));
        Container before = daemon.awaitRunning("web");
        for (String ports : List.of(
                "[{containerPort: 8080, hostPort: 65536}]",
                "[{containerPort: 8080, hostPort: 80, hostIP: example.com}]",
                "[{containerPort: 8080, hostPort: 80}, {containerPort: 8081, hostPort: 80}]")) {
            daemon.write("web.yaml", serving("web", ports));
            daemon.await(
                    "the refusal", () -> daemon.cliQuietly("get", "manifests").contains("Refused"));
            daemon.holdsFor(
                    "the pod that runs",
                    Duration.ofSeconds(1),
                    () -> daemon.running("web").equals(List.of(before)));
            daemon.write("web.yaml", serving("web", "[{containerPort: 8080, hostPort: %s}]".formatted(port)));
            daemon.await(
                    "acceptance", () -> daemon.cliQuietly("get", "manifests").contains("Accepted"));
        }
        assertEquals(before.id(), daemon.awaitRunning("web").id());
    }

    // --- the network of the runtime

    private static boolean hasNetwork(DaemonProcess daemon) {
        return daemon.runtime().status(false).condition("NetworkReady").status();
    }

    @Test
    void withoutANetworkOnlyPodsThatNeedOneWaitAndSayWhy() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd()) {
            containerd.startWithoutNetwork();
            daemon = new DaemonProcess(containerd.socket(), List.of());
            daemon.await("the runtime without a network", () -> !hasNetwork(daemon));
            daemon.start();
            daemon.write("host.yaml", pod("host", sleeper(), "  hostNetwork: true"));
            daemon.write("own.yaml", pod("own", sleeper()));
            daemon.awaitRunning("host");
            String words = "network is not ready: container runtime network not ready: NetworkReady=false"
                    + " reason:NetworkPluginNotReady message:";
            daemon.await("the event", () -> events("own").matches("(?s).*Warning +NetworkNotReady .*" + words + ".*"));
            daemon.await(
                    "the table",
                    () -> daemon.cliQuietly("get", "pods", "--no-headers").contains("NetworkNotReady"));
            assertTrue(daemon.cli("describe", "pod", "own").contains(words));
            assertTrue(daemon.running("own").isEmpty());
            containerd.giveNetwork();
            daemon.await(
                    "own to run",
                    Duration.ofSeconds(20),
                    () -> daemon.running("own").size() == 1);
            daemon.close();
            daemon = null;
        }
    }

    @Test
    void aPodHasAnAddressOfEachFamilyThatOfTheNodeFirst() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd()) {
            Path net = containerd.socket().resolveSibling("net.d");
            Commands.shell(
                    net,
                    "sed -i 's/\"ranges\": \\(.*\\)]/\"ranges\": \\1, [{\"subnet\": \"fd5c:73::\\/64\"}]]/' *.conflist");
            for (String nodeIp : List.of("192.0.2.7", "fd00::7")) {
                daemon = new DaemonProcess(containerd.socket(), List.of("--node-ip=" + nodeIp)).start();
                String own = pod("own", "echo $IPS; tail -n 2 /etc/hosts | cut -f 1", NEVER)
                        + "    env: [{name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}]\n";
                daemon.write("own.yaml", own);
                List<String> lines = output("own").lines().toList();
                List<String> ips = List.of(lines.getFirst().split(","));
                assertEquals(2, ips.size(), lines::toString);
                assertEquals(nodeIp.contains(":"), ips.getFirst().contains(":"), lines::toString);
                assertEquals(!nodeIp.contains(":"), ips.getLast().contains(":"), lines::toString);
                assertEquals(ips, lines.subList(1, 3));
                daemon.write("stays.yaml", pod("stays", sleeper()));
                daemon.awaitRunning("stays");
                daemon.await(
                        "its addresses",
                        () -> api("stays")
                                .matches(
                                        nodeIp.contains(":")
                                                ? "(?s).*\"podIPs\":\\[\\{\"ip\":\"fd5c:73::.*\"ip\":\"10\\..*"
                                                : "(?s).*\"podIPs\":\\[\\{\"ip\":\"10\\..*\"ip\":\"fd5c:73::.*"));
                daemon.close();
                daemon = null;
            }
        }
    }
}
