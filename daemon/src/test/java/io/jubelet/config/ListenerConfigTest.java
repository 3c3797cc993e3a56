/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Configs.FILE;
import static io.jubelet.config.Configs.ofFlags;
import static io.jubelet.config.Configs.parse;
import static io.jubelet.config.Configs.valid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.config.ListenerConfig.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerConfigTest {

    private static final String ACCESS = "authentication: {x509: {clientCAFile: /ca.crt}}\n";
    private static final String KUBECONFIG = "--kubeconfig=/k";

    private static ListenerConfig listeners(String text) {
        return valid(parse(text, KUBECONFIG)).listeners();
    }

    @Test
    void noPortIsOpenedUnlessItIsNamed() {
        for (String text : List.of(
                "",
                "address: ''\nhealthzBindAddress: ''\n",
                "healthzPort: 0\nport: 0\nauthorization: {mode: Webhook}\n",
                ACCESS + "port: 0\n",
                ACCESS + "enableServer: false\n",
                ACCESS + "enableServer: false\nport: 10250\n")) {
            assertEquals(new Endpoint("0.0.0.0", 0), listeners(text).kubelet(), text);
            assertEquals(new Endpoint("127.0.0.1", 0), listeners(text).health(), text);
            assertEquals(new Endpoint("0.0.0.0", 0), listeners(text).readOnly(), text);
        }
        for (String[] flags : new String[][] {{}, {"--client-ca-file=/ca.crt", KUBECONFIG}}) {
            assertFalse(valid(parse("", flags)).listeners().kubelet().isOpen(), "the file does not say who may ask");
        }
        assertFalse(valid(parse(ACCESS)).listeners().kubelet().isOpen(), "there is no API server to decide");
        assertFalse(valid(parse(ACCESS, KUBECONFIG, "--port=0"))
                .listeners()
                .kubelet()
                .isOpen());
    }

    @Test
    void theFileOfANodeOfAClusterOpensThePortOfTheKubelet() {
        assertEquals(new Endpoint("0.0.0.0", 10250), listeners(ACCESS).kubelet());
        assertEquals(
                new Endpoint("192.0.2.7", 10250),
                listeners(ACCESS + "address: 192.0.2.7\n").kubelet());
        assertEquals(new Endpoint("0.0.0.0", 1), listeners(ACCESS + "port: 1\n").kubelet());
        assertEquals(0, listeners(ACCESS).readOnly().port());
    }

    @Test
    void anonymousCallersKeepTheDefaultPortClosed() {
        String text = "authentication: {x509: {clientCAFile: /ca.crt}, anonymous: {enabled: true}}\n";
        LoadedConfig loaded = parse(text, KUBECONFIG);
        assertEquals(List.of(), loaded.errors());
        assertFalse(loaded.config().listeners().kubelet().isOpen());
        assertEquals(1, loaded.warnings().size(), loaded.warnings()::toString);
        assertTrue(
                loaded.warnings().getFirst().contains("authentication.anonymous.enabled: keeps port 10250 closed"),
                loaded.warnings()::toString);
        valid(parse("enableServer: false\n" + text, KUBECONFIG));
    }

    @Test
    void defaultsAreThoseOfTheKubelet() {
        String zero = "authorization: {webhook: {cacheAuthorizedTTL: 0s, cacheUnauthorizedTTL: 0s}}\n";
        for (String text : List.of("port: 10250\n" + ACCESS, "port: 10250\n" + ACCESS + zero)) {
            ListenerConfig listeners = listeners(text);
            assertEquals(
                    new AccessConfig(
                            Optional.of(Path.of("/ca.crt")),
                            Optional.empty(),
                            Duration.ofMinutes(2),
                            AccessConfig.Mode.Webhook,
                            Duration.ofMinutes(5),
                            Duration.ofSeconds(30),
                            true),
                    listeners.access());
            assertEquals(
                    new ListenerConfig.Tls(Optional.empty(), Optional.empty(), false, "TLSv1.2", List.of(), List.of()),
                    listeners.tls());
            assertEquals(new Endpoint("0.0.0.0", 0), listeners.readOnly());
        }
        assertEquals(new Endpoint("127.0.0.1", 1), listeners("healthzPort: 1\n").health());
    }

    @Test
    void readsTheFile() {
        ListenerConfig listeners = listeners("port: 1\naddress: 192.0.2.7\n" + ACCESS + """
                authorization:
                  mode: AlwaysAllow
                  webhook: {cacheAuthorizedTTL: 1m, cacheUnauthorizedTTL: 2s}
                enableDebuggingHandlers: false
                tlsMinVersion: VersionTLS13
                tlsCertFile: kubelet.crt
                tlsPrivateKeyFile: kubelet.key
                healthzPort: 2
                readOnlyPort: 3
                healthzBindAddress: "::1"
                """);
        assertEquals(new Endpoint("192.0.2.7", 1), listeners.kubelet());
        assertEquals(AccessConfig.Mode.AlwaysAllow, listeners.access().mode());
        assertEquals(Duration.ofMinutes(1), listeners.access().authorizedTtl());
        assertEquals(Duration.ofSeconds(2), listeners.access().unauthorizedTtl());
        assertFalse(listeners.access().debugging());
        assertEquals(new Endpoint("192.0.2.7", 3), listeners.readOnly());
        assertEquals(
                new ListenerConfig.Tls(
                        Optional.of(FILE.resolveSibling("kubelet.crt")),
                        Optional.of(FILE.resolveSibling("kubelet.key")),
                        false,
                        "TLSv1.3",
                        List.of(),
                        List.of()),
                listeners.tls());
        assertEquals(new Endpoint("::1", 2), listeners.health());
        assertEquals(Path.of("/c"), valid(ofFlags("--cert-dir=/c")).listeners().certDir());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            port: 1                                                  | port: needs authentication.x509.clientCAFile
            port: 1\\nauthentication: {anonymous: {enabled: true}}    | authentication.anonymous.enabled: must be false
            authorization: {mode: Always}                            | authorization.mode: must be one of Webhook, AlwaysAllow
            authorization: {modes: Webhook}                          | authorization.modes: authorization has no field "modes"; did you mean "mode"?
            authorization: {webhook: {cacheAuthorizedTTL: 5}}        | authorization.webhook.cacheAuthorizedTTL: must be a string
            healthzPort: 10248                                       | healthzPort: must be another port than --port
            readOnlyPort: 10248\\nhealthzPort: 10248                  | readOnlyPort: must be another port
            readOnlyPort: 70000                                      | readOnlyPort: must be
            healthzBindAddress: localhost                            | healthzBindAddress: must be an IP address such as 192.0.2.1
            tlsCertFile: a.crt                                       | tlsPrivateKeyFile: is required
            """)
    void anErrorNamesWhatIsWrong(String text, String expected) {
        String other = expected.contains("another port") ? "port: 10248\n" + ACCESS : "";
        List<String> errors =
                parse(other + text.replace("\\n", "\n") + "\n", KUBECONFIG).errors();
        assertTrue(errors.stream().anyMatch(error -> error.contains(expected)), () -> errors + ": " + expected);
    }

    @Test
    void aCertificateWithoutAPortIsTold() {
        List<String> without = parse("serverTLSBootstrap: true\n").warnings();
        assertEquals(1, without.size(), without::toString);
        assertTrue(without.getFirst().contains("serverTLSBootstrap: has no effect without port"), without::toString);
    }

    @Test
    void curvesAreThoseOfTheKubelet() {
        assertEquals(
                List.of("x25519", "secp256r1", "secp384r1", "secp521r1"),
                listeners(ACCESS + "tlsCurvePreferences: [29, 23, 24, 25]\n")
                        .tls()
                        .groups());
        assertEquals(List.of(), listeners(ACCESS).tls().groups());
        assertEquals(
                List.of(),
                valid(parse("tlsCurvePreferences: [99]\n")).listeners().tls().groups(),
                "nothing is served");
        LoadedConfig some = parse(ACCESS + "tlsCurvePreferences: [4588, 29]\n", KUBECONFIG);
        assertEquals(List.of(), some.errors());
        assertEquals(List.of("x25519"), some.config().listeners().tls().groups());
        assertTrue(
                some.warnings()
                        .getFirst()
                        .contains("tlsCurvePreferences: has curves that Java does not support: X25519MLKEM768; they"),
                some.warnings()::toString);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [4588]      | has curves that Java does not support: X25519MLKEM768; add 29
            [30]        | has no curve 30; there are 23 (P-256)
            [29, 29]    | has curve 29 twice
            [-1]        | has no curve -1
            [X25519]    | must be a list of whole numbers, but has the string "X25519"
            [99999999999] | must be a list of whole numbers
            """)
    void wrongCurvesAreErrors(String curves, String expected) {
        List<String> errors = parse(ACCESS + "tlsCurvePreferences: " + curves + "\n", KUBECONFIG)
                .errors();
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().contains("tlsCurvePreferences: " + expected), errors::toString);
    }

    private ListenerConfig.Tls suites(String names, String... warnings) {
        LoadedConfig loaded = parse("tlsCipherSuites: [" + names + "]\n" + ACCESS + "port: 1\n", KUBECONFIG);
        assertEquals(warnings.length, loaded.warnings().size(), loaded.warnings()::toString);
        for (int i = 0; i < warnings.length; i++) {
            String warning = loaded.warnings().get(i);
            assertTrue(warning.contains("tlsCipherSuites: " + warnings[i]), warning);
        }
        assertEquals(List.of(), loaded.errors());
        return loaded.config().listeners().tls();
    }

    @Test
    void cipherSuitesAreThoseOfTheKubelet() {
        assertEquals(
                List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
                suites(
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305, TLS_AES_128_GCM_SHA256")
                        .cipherSuites());
        ListenerConfig.Tls left = suites(
                "TLS_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                "has suites that Java does not support");
        assertEquals(List.of("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"), left.cipherSuites());
        assertEquals("TLSv1.2", left.minVersion());
        assertEquals(
                "TLSv1.3",
                suites("TLS_AES_128_GCM_SHA256", "has no suite of TLS 1.2").minVersion());
        assertEquals(
                List.of(),
                suites(
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\ntlsMinVersion: VersionTLS13\n#[",
                                "has no effect, because")
                        .cipherSuites());
    }

    @Test
    void anUnknownCipherSuiteIsAnErrorThatNamesTheOthers() {
        List<String> errors = parse(
                        "tlsCipherSuites: [TLS_AES_128_GCM_SHA256, TLS_NULL]\n" + ACCESS + "port: 1\n", KUBECONFIG)
                .errors();
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(
                errors.getFirst().contains("tlsCipherSuites: has no cipher suite \"TLS_NULL\"; there are TLS_AES_128"),
                errors::toString);
    }

    @Test
    void aPortThatNeedsTheApiServerNeedsAKubeconfig() {
        List<String> webhook = parse("port: 10250\n" + ACCESS).errors();
        assertEquals(1, webhook.size(), webhook::toString);
        assertTrue(webhook.getFirst().contains("port: needs --kubeconfig"), webhook::toString);
        assertTrue(webhook.getFirst().contains("to AlwaysAllow"), webhook::toString);
        valid(parse(ACCESS)); // no port is opened
        String open = "port: 10250\n" + ACCESS + "authorization: {mode: AlwaysAllow}\n";
        valid(parse(open));
        List<String> tokens = parse("port: 10250\nauthorization: {mode: AlwaysAllow}\n"
                        + "authentication: {x509: {clientCAFile: /ca.crt}, webhook: {enabled: true}}\n")
                .errors();
        assertEquals(1, tokens.size(), tokens::toString);
        assertTrue(tokens.getFirst().contains("authentication.webhook.enabled: needs --kubeconfig"), tokens::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:6443, 127.0.0.1, 6443",
        "0.0.0.0:1, 0.0.0.0, 1",
        "[::1]:65535, 0:0:0:0:0:0:0:1, 65535",
    })
    void kubernetesApiIsServedWhereItIsNamed(String flag, String address, int port) {
        assertEquals(
                new Endpoint(address, port),
                valid(ofFlags("--serve-kubernetes-api=" + flag)).listeners().kubernetes());
    }

    @ParameterizedTest
    @CsvSource({
        "6443",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "::1:6443",
        "[127.0.0.1]:6443",
        "localhost:6443",
        ":1"
    })
    void addressOfTheKubernetesApiIsAnIpAddressWithAPort(String flag) {
        assertTrue(ofFlags("--serve-kubernetes-api=" + flag)
                .errors()
                .toString()
                .contains("must be an IP address and a port"));
        assertFalse(valid(ofFlags()).listeners().kubernetes().isOpen());
    }

    @Test
    void metricsAreServedAtAddressesOfThisMachineAlone() {
        assertFalse(valid(ofFlags()).listeners().metrics().isOpen());
        assertEquals(
                new Endpoint("127.0.0.1", 9464),
                valid(ofFlags("--metrics-address=127.0.0.1:9464")).listeners().metrics());
        assertEquals(
                9464,
                valid(ofFlags("--metrics-address=[::1]:9464"))
                        .listeners()
                        .metrics()
                        .port());
        for (String other : List.of("0.0.0.0:9464", "192.0.2.7:9464", "[::]:9464", "[2001:db8::1]:9464")) {
            String errors = ofFlags("--metrics-address=" + other).errors().toString();
            assertTrue(errors.contains("must be an address that only this machine reaches"), errors);
            assertTrue(errors.contains("--port, where they are authenticated"), errors);
        }
    }
}
