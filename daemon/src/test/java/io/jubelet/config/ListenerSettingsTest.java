package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Finding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a KubeletConfiguration says of ports. */
class ListenerSettingsTest {

    private static final String CALLERS = "authentication: {x509: {clientCAFile: /ca.crt}}\n";

    private static KubeletConfigurationFile file(String text) {
        String head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
        return KubeletConfigurationFile.parse(
                (head + text).getBytes(StandardCharsets.UTF_8), Path.of("/etc/k/config.yaml"), KubeletFlags.NONE);
    }

    private static ListenerSettings settings(String text) {
        KubeletConfigurationFile file = file(text);
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        return file.listener();
    }

    @Test
    void nothingIsOpenedUnlessNamed() {
        assertEquals(ListenerSettings.NONE, settings(""));
        assertEquals(ListenerSettings.NONE, settings("address: ''\nhealthzBindAddress: ''\n"));
        assertEquals(ListenerSettings.NONE, settings("healthzPort: 0\nport: 0\nauthorization: {mode: Webhook}\n"));
        assertEquals(0, settings(CALLERS + "enableServer: false\nport: 10250\n").port());
    }

    @Test
    void defaultsAreThoseOfTheKubelet() {
        CallerSettings callers = settings("port: 10250\n" + CALLERS
                        + "authorization: {webhook: {cacheAuthorizedTTL: 0s, cacheUnauthorizedTTL: 0s}}\n")
                .callers();
        assertEquals(CallerSettings.Mode.Webhook, callers.mode());
        assertEquals(Duration.ofMinutes(5), callers.allowedTtl());
        assertEquals(Duration.ofSeconds(30), callers.deniedTtl());
        assertEquals(Duration.ofMinutes(2), callers.tokenTtl());
        assertEquals(Optional.empty(), callers.tokens());
        assertEquals(
                new HealthPortSettings(1, "127.0.0.1"),
                settings("healthzPort: 1\n").health());
    }

    @Test
    void whatIsSaidCounts() {
        ListenerSettings said = settings("port: 1\naddress: 192.0.2.7\n" + CALLERS + """
                authorization:
                  mode: AlwaysAllow
                  webhook: {cacheAuthorizedTTL: 1m, cacheUnauthorizedTTL: 2s}
                enableDebuggingHandlers: false
                tlsMinVersion: VersionTLS13
                healthzPort: 2
                healthzBindAddress: "::1"
                """);
        assertEquals("192.0.2.7", said.address());
        assertEquals(CallerSettings.Mode.AlwaysAllow, said.callers().mode());
        assertEquals(Duration.ofMinutes(1), said.callers().allowedTtl());
        assertEquals(Duration.ofSeconds(2), said.callers().deniedTtl());
        assertFalse(said.logs());
        assertEquals("TLSv1.3", said.oldest());
        assertEquals(new HealthPortSettings(2, "::1"), said.health());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            port: 1                                                  | port: needs authentication.x509.clientCAFile
            port: 1\\nauthentication: {anonymous: {enabled: true}}    | authentication.anonymous.enabled: must be false
            authorization: {mode: Always}                            | authorization.mode: must be one of Webhook, AlwaysAllow
            authorization: {modes: Webhook}                          | authorization.modes: authorization has no field "modes"; did you mean "mode"?
            authorization: {webhook: {cacheAuthorizedTTL: 5}}        | authorization.webhook.cacheAuthorizedTTL: must be a text
            healthzPort: 10248                                       | healthzPort: must be another than port
            healthzBindAddress: localhost                            | healthzBindAddress: must be an IP address such as 192.0.2.1
            """)
    void whatIsWrongIsNamed(String text, String expected) {
        String other = expected.contains("another than") ? "port: 10248\n" + CALLERS : "";
        List<Finding> errors = file(other + text.replace("\\n", "\n") + "\n").errors();
        assertTrue(
                errors.stream().anyMatch(error -> error.toString().contains(expected)), () -> errors + ": " + expected);
    }

    @Test
    void whatHasNoEffectIsSaidOnlyWhereSomethingIsServed() {
        String text = "tlsCipherSuites: [TLS_AES_128_GCM_SHA256]\n";
        assertEquals(List.of(), file(text).warnings());
        assertEquals(
                List.of("tlsCipherSuites"),
                file(text + CALLERS + "port: 1\n").warnings().stream()
                        .map(Finding::field)
                        .toList());
    }

    @Test
    void aListenerThatAsksNeedsSomebodyToAsk() {
        List<String> wrong = settings("port: 10250\n" + CALLERS).wrong(false);
        assertEquals(1, wrong.size());
        assertTrue(wrong.getFirst().startsWith("port 10250 needs --kubeconfig"), wrong::toString);
        assertTrue(wrong.getFirst().contains("write authorization.mode: AlwaysAllow"), wrong::toString);
        assertEquals(List.of(), settings("port: 10250\n" + CALLERS).wrong(true));
        assertEquals(List.of(), settings(CALLERS).wrong(false), "nothing is served");
        String open = "port: 10250\n" + CALLERS + "authorization: {mode: AlwaysAllow}\n";
        assertEquals(List.of(), settings(open).wrong(false));
        List<String> tokens = settings(
                        "port: 10250\nauthentication: {x509: {clientCAFile: /ca.crt}, webhook: {enabled: true}}\n"
                                + "authorization: {mode: AlwaysAllow}\n")
                .wrong(false);
        assertEquals(1, tokens.size());
        assertTrue(tokens.getFirst().startsWith("authentication.webhook.enabled needs --kubeconfig"), tokens::toString);
    }
}
