package io.jubelet.kubeapi;

import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.UnusableCertificateException;
import io.jubelet.concurrent.Threads;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs the program of a kubeconfig that knows credentials, once each time it is asked. Source: the API group
 * client.authentication.k8s.io, which client-go calls exec credential plugins. Stateless; blocks as long as the program runs.
 */
final class CredentialProgram {

    /** client-go has none, and waits for good. */
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_WORDS = 300;
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final Kubeconfig.Exec exec;
    private final String info;
    private final Duration timeout;

    /**
     * @param config whose user has the program
     * @param authority whom to trust, if the kubeconfig says so
     */
    CredentialProgram(Kubeconfig config, Kubeconfig.Exec exec, Optional<PemText> authority, Duration timeout) {
        this.exec = Objects.requireNonNull(exec, "exec");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.info = info(config, exec, authority);
    }

    /** What KUBERNETES_EXEC_INFO says. */
    private static String info(Kubeconfig config, Kubeconfig.Exec exec, Optional<PemText> authority) {
        StringBuilder json = new StringBuilder("{\"kind\":\"ExecCredential\",\"apiVersion\":");
        JsonText.quote(json, exec.apiVersion());
        json.append(",\"spec\":{");
        if (exec.provideClusterInfo()) {
            JsonText.quote(
                    json.append("\"cluster\":{\"server\":"), config.server().toString());
            config.serverName().ifPresent(name -> JsonText.quote(json.append(",\"tls-server-name\":"), name));
            json.append(config.insecure() ? ",\"insecure-skip-tls-verify\":true" : "");
            authority.ifPresent(pem -> JsonText.quote(
                    json.append(",\"certificate-authority-data\":"),
                    Base64.getEncoder().encodeToString(pem.text().getBytes(StandardCharsets.UTF_8))));
            config.proxy().ifPresent(proxy -> JsonText.quote(json.append(",\"proxy-url\":"), proxy.toString()));
            json.append(config.pluginConfig().isEmpty() ? "" : ",\"config\":" + config.pluginConfig())
                    .append("},");
        }
        return json.append("\"interactive\":false}}").toString();
    }

    /** What one stream of the program said; written by one thread, and read when that has ended. */
    private static final class Said implements Runnable {
        private final InputStream from;
        private volatile byte[] bytes = {};

        Said(InputStream from) {
            this.from = from;
        }

        @Override
        public void run() {
            try (from) {
                bytes = from.readNBytes(MOST_BYTES);
            } catch (IOException e) {
                bytes = new byte[0]; // the program was ended, which its waiter tells
            }
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /**
     * Runs it.
     *
     * @throws KubeApiException.NoCredentials when it gives none; the message has the end of its standard error, and nothing of
     *     its standard output
     */
    ClientCredential ask() throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(exec.command());
        command.addAll(exec.arguments());
        ProcessBuilder builder = new ProcessBuilder(command);
        for (String variable : exec.environment()) {
            int equals = variable.indexOf('=');
            builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        builder.environment().put("KUBERNETES_EXEC_INFO", info);
        builder.redirectInput(new File("/dev/null"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            String hint = exec.installHint().isBlank()
                    ? ""
                    : "; " + exec.installHint().strip();
            throw failed("cannot be run: " + e.getMessage() + hint, e);
        }
        try {
            return parsed(answer(process));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String answer(Process process) throws InterruptedException {
        Said out = new Said(process.getInputStream());
        Said err = new Said(process.getErrorStream());
        Thread outReader = Threads.startVirtual("api-server/plugin-out", out);
        Thread errReader = Threads.startVirtual("api-server/plugin-err", err);
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw failed("did not end within " + timeout.toSeconds() + " s", null);
        }
        // What it leaves running may hold its output open.
        boolean read = outReader.join(LAST_WORDS) && errReader.join(LAST_WORDS);
        if (process.exitValue() != 0) {
            throw failed("ended with exit code " + process.exitValue() + words(err.text()), null);
        }
        if (!read) {
            throw failed("left something running that holds its output open", null);
        }
        return out.text();
    }

    private ClientCredential parsed(String text) {
        if (!(Documents.readJson(text, new Findings()) instanceof Node.Mapping mapping)) {
            throw failed("wrote something that is not a JSON object", null);
        }
        ApiObject answer = new ApiObject(mapping);
        if (!answer.text("kind").equals("ExecCredential")
                || !answer.text("apiVersion").equals(exec.apiVersion())) {
            throw failed(
                    "wrote a " + answer.text("kind") + " of " + answer.text("apiVersion")
                            + ", and the kubeconfig asks for an ExecCredential of " + exec.apiVersion(),
                    null);
        }
        String token = answer.text("status", "token");
        String certificate = answer.text("status", "clientCertificateData");
        String key = answer.text("status", "clientKeyData");
        if (certificate.isEmpty() != key.isEmpty()) {
            throw failed("gave only one of clientCertificateData and clientKeyData", null);
        }
        if (token.isEmpty() && key.isEmpty()) {
            throw failed("gave neither a token nor a certificate", null);
        }
        return new ClientCredential(
                Optional.of(token).filter(given -> !given.isEmpty()),
                certificate.isEmpty() ? Optional.empty() : Optional.of(identity(certificate, key)),
                expires(answer.text("status", "expirationTimestamp")));
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
            throw failed("gave an expirationTimestamp that is no time: " + text, e);
        }
    }

    private KubeApiException.NoCredentials failed(String what, Throwable cause) {
        return new KubeApiException.NoCredentials("the credential plugin " + exec.command() + " " + what, cause);
    }

    private static String words(String said) {
        String line = said.strip().replaceAll("\\s+", " ");
        return line.isEmpty()
                ? ""
                : ": " + (line.length() > MOST_WORDS ? "..." + line.substring(line.length() - MOST_WORDS) : line);
    }
}
