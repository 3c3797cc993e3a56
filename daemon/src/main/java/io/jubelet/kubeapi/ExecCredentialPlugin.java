/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.UnusableCertificateException;
import io.jubelet.concurrent.ExternalCommand;
import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonStream;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs the exec credential plugin of a kubeconfig. Source: the API group
 * client.authentication.k8s.io. Stateless; each call blocks while the program runs.
 */
final class ExecCredentialPlugin {

    /** The limits of the output; a key with its certificates has some ten kilobytes. */
    static final JsonStream.Limits LIMITS = new JsonStream.Limits(1 << 20, 100, 256 << 10);

    private static final int MAX_SHOWN_CHARS = 80;

    private static final FieldSelection WANTED = FieldSelection.NOTHING
            .with("kind")
            .with("apiVersion")
            .with("status", "token")
            .with("status", "clientCertificateData")
            .with("status", "clientKeyData")
            .with("status", "expirationTimestamp");

    /** client-go has no timeout. */
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final Kubeconfig.Exec exec;
    private final String info;
    private final Duration timeout;

    /**
     * @param config the kubeconfig that names the plugin
     * @param authority the authorities of the cluster, if the kubeconfig names them
     */
    ExecCredentialPlugin(Kubeconfig config, Kubeconfig.Exec exec, Optional<PemText> authority, Duration timeout) {
        this.exec = Objects.requireNonNull(exec, "exec");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.info = info(config, exec, authority);
    }

    /** Returns the value of KUBERNETES_EXEC_INFO. */
    private static String info(Kubeconfig config, Kubeconfig.Exec exec, Optional<PemText> authority) {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("kind", "ExecCredential");
            out.writeStringField("apiVersion", exec.apiVersion());
            out.writeObjectFieldStart("spec");
            if (exec.provideClusterInfo()) {
                out.writeObjectFieldStart("cluster");
                writeCluster(out, config, authority);
                out.writeEndObject();
            }
            out.writeBooleanField("interactive", false);
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void writeCluster(JsonGenerator out, Kubeconfig config, Optional<PemText> authority)
            throws IOException {
        out.writeStringField("server", config.server().toString());
        if (config.serverName().isPresent()) {
            out.writeStringField("tls-server-name", config.serverName().get());
        }
        if (config.insecure()) {
            out.writeBooleanField("insecure-skip-tls-verify", true);
        }
        if (authority.isPresent()) {
            byte[] pem = authority.get().text().getBytes(StandardCharsets.UTF_8);
            out.writeStringField(
                    "certificate-authority-data", Base64.getEncoder().encodeToString(pem));
        }
        if (config.proxy().isPresent()) {
            out.writeStringField("proxy-url", config.proxy().get().toString());
        }
        if (config.pluginConfig().isPresent()) {
            out.writeFieldName("config");
            out.writeRawValue(config.pluginConfig().get());
        }
    }

    /**
     * Runs the plugin.
     *
     * @throws KubeApiException.NoCredentials when it returns no credential; the message has the end
     *     of its standard error, and nothing of its standard output
     */
    ExecCredential run() throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(exec.command());
        command.addAll(exec.arguments());
        Map<String, String> environment = new HashMap<>();
        for (String variable : exec.environment()) {
            int equals = variable.indexOf('=');
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        environment.put("KUBERNETES_EXEC_INFO", info);
        String answer;
        try {
            answer = new ExternalCommand("api-server/plugin", command, environment, Optional.empty(), timeout).run();
        } catch (ExternalCommand.FailedException e) {
            boolean missing = e.getCause() instanceof IOException;
            String hint = missing ? exec.installHint().map(text -> "; " + text).orElse("") : "";
            throw failure(e.getMessage() + hint, e);
        }
        return parsed(answer);
    }

    private ExecCredential parsed(String text) {
        ApiObject answer = object(text);
        if (!answer.text("kind").equals("ExecCredential")
                || !answer.text("apiVersion").equals(exec.apiVersion())) {
            throw failure(
                    "returned a " + cut(answer.text("kind")) + " of " + cut(answer.text("apiVersion"))
                            + ", but the kubeconfig requires an ExecCredential of " + exec.apiVersion(),
                    null);
        }
        String token = token(answer.text("status", "token"));
        String certificate = answer.text("status", "clientCertificateData");
        String key = answer.text("status", "clientKeyData");
        if (certificate.isEmpty() != key.isEmpty()) {
            throw failure("returned only one of clientCertificateData and clientKeyData", null);
        }
        if (token.isEmpty() && key.isEmpty()) {
            throw failure("returned neither a token nor a certificate", null);
        }
        return new ExecCredential(
                Optional.of(token).filter(given -> !given.isEmpty()),
                certificate.isEmpty() ? Optional.empty() : Optional.of(identity(certificate, key)),
                expires(answer.text("status", "expirationTimestamp")));
    }

    private ApiObject object(String text) {
        JsonStream stream = new JsonStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), LIMITS);
        try {
            Optional<JsonStream.Value> value = stream.next(WANTED);
            stream.requireEnd();
            if (value.isPresent() && value.get().node().isEmpty()) {
                throw failure("returned more than " + LIMITS.keptChars() + " characters of credentials", null);
            }
            if (value.flatMap(JsonStream.Value::node).orElse(null) instanceof Node.Mapping mapping) {
                return new ApiObject(mapping);
            }
            throw failure("returned something that is not a JSON object", null);
        } catch (IOException e) {
            throw failure("returned something that is not a JSON object", e);
        }
    }

    /** Returns the beginning of a text for a message. */
    private static String cut(String text) {
        return text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "...";
    }

    private String token(String text) {
        try {
            return text.isEmpty() ? "" : BearerToken.require("the token of " + exec.command(), text);
        } catch (UnusableCertificateException e) {
            throw new KubeApiException.NoCredentials(e.getMessage(), e);
        }
    }

    private KeyAndCertificates identity(String certificate, String key) {
        try {
            return KeyAndCertificates.of(
                    new PemText("clientCertificateData of " + exec.command(), certificate),
                    new PemText("clientKeyData of " + exec.command(), key));
        } catch (UnusableCertificateException e) {
            throw new KubeApiException.NoCredentials(e.getMessage(), e);
        }
    }

    private Optional<Instant> expires(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            throw failure("returned an invalid expirationTimestamp", e);
        }
    }

    private KubeApiException.NoCredentials failure(String what, @Nullable Throwable cause) {
        return new KubeApiException.NoCredentials("the credential plugin " + exec.command() + " " + what, cause);
    }
}
