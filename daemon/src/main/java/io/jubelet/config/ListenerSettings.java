package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is said of ports that Jubelet opens; without any nothing is opened.
 *
 * @param port where other machines are served; 0 for none. The kubelet's default is 10250
 * @param address an IP address; the unspecified one for all
 * @param certificate a file with our certificate, and its issuers
 * @param key a file with its key
 * @param bootstrap whether the cluster signs our certificate
 * @param oldest the oldest version of TLS that is spoken, in Java's words
 * @param logs whether logs of containers are served, which the kubelet counts among what is for debugging
 * @param callers who may ask, and what
 * @param health where health is told
 */
public record ListenerSettings(
        int port,
        String address,
        Optional<Path> certificate,
        Optional<Path> key,
        boolean bootstrap,
        String oldest,
        boolean logs,
        CallerSettings callers,
        HealthPortSettings health) {

    private static final String TLS12 = "TLSv1.2";
    private static final String TLS13 = "TLSv1.3";

    /** Nothing is served. */
    public static final ListenerSettings NONE = new ListenerSettings(
            0,
            "0.0.0.0",
            Optional.empty(),
            Optional.empty(),
            false,
            TLS12,
            true,
            CallerSettings.UNSAID,
            HealthPortSettings.NONE);

    public ListenerSettings {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(oldest, "oldest");
        Objects.requireNonNull(callers, "callers");
        Objects.requireNonNull(health, "health");
    }

    /** Reads the fields of a KubeletConfiguration; what is wrong is noted. */
    static ListenerSettings parse(FieldReader fields, Path directory) {
        int named = (int) fields.integer("port", 0, 0, 65535);
        int port = fields.flag("enableServer", true) ? named : 0;
        CallerSettings callers = CallerSettings.parse(fields, directory, port > 0);
        if (port > 0 && callers.authority().isEmpty()) {
            fields.error(
                    "port",
                    "needs authentication.x509.clientCAFile, the authority of those who may ask, for nobody else may");
        }
        HealthPortSettings health = HealthPortSettings.parse(fields);
        if (port > 0 && port == health.port()) {
            fields.error("healthzPort", "must be another than port: there pods and logs are served, in TLS");
        }
        Optional<Path> certificate = path(fields, "tlsCertFile", directory);
        Optional<Path> key = path(fields, "tlsPrivateKeyFile", directory);
        if (certificate.isPresent() != key.isPresent()) {
            fields.error(
                    certificate.isPresent() ? "tlsPrivateKeyFile" : "tlsCertFile",
                    "is required, for a certificate and its key belong together");
        }
        boolean bootstrap = fields.flag("serverTLSBootstrap", false);
        if (named == 0 && (certificate.isPresent() || bootstrap)) {
            fields.warn(
                    bootstrap ? "serverTLSBootstrap" : "tlsCertFile",
                    "has no effect without port: Jubelet listens on a port only when it is asked to");
        }
        if (port > 0) {
            withoutEffect(fields, "tlsCipherSuites", "tlsCurvePreferences");
        }
        return new ListenerSettings(
                port,
                address(fields, "address", NONE.address()),
                certificate,
                key,
                bootstrap,
                oldest(fields),
                fields.flag("enableDebuggingHandlers", true),
                callers,
                health);
    }

    private static void withoutEffect(FieldReader fields, String... names) {
        for (String name : names) {
            if (!fields.items(name).isEmpty()) {
                fields.warn(name, "has no effect: what Java has for TLS 1.2 and 1.3 is used");
            }
        }
    }

    private static String oldest(FieldReader fields) {
        String oldest = fields.text("tlsMinVersion", "");
        switch (oldest) {
            case "", "VersionTLS12" -> {
                return TLS12;
            }
            case "VersionTLS13" -> {
                return TLS13;
            }
            case "VersionTLS10", "VersionTLS11" -> {
                fields.warn("tlsMinVersion", "is older than what is spoken: TLS 1.2 and 1.3");
                return TLS12;
            }
            default -> {
                fields.error("tlsMinVersion", "must be VersionTLS12 or VersionTLS13, and this is \"" + oldest + "\"");
                return TLS13;
            }
        }
    }

    /**
     * What is wrong with them.
     *
     * @param cluster whether there is an API server
     */
    public List<String> wrong(boolean cluster) {
        List<String> wrong = new ArrayList<>();
        if (port == 0 || cluster) {
            return wrong;
        }
        if (callers.mode() == CallerSettings.Mode.Webhook) {
            wrong.add("port " + port
                    + " needs --kubeconfig, for authorization.mode is Webhook, and then the API server is"
                    + " asked what a caller may. Without a cluster write authorization.mode: AlwaysAllow, and whoever has"
                    + " a certificate of authentication.x509.clientCAFile may read pods and logs");
        }
        if (callers.tokens().orElse(false)) {
            wrong.add("authentication.webhook.enabled needs --kubeconfig, for the API server is asked whose a token is."
                    + " Without a cluster write authentication.webhook.enabled: false");
        }
        return wrong;
    }

    static String address(FieldReader fields, String name, String unsaid) {
        String address = fields.text(name, "");
        if (address.isEmpty()) {
            return unsaid;
        }
        try {
            InetAddress.ofLiteral(address);
            return address;
        } catch (IllegalArgumentException _) {
            fields.error(name, "must be an IP address such as 192.0.2.1, and this is \"" + address + "\"");
            return unsaid;
        }
    }

    /** A relative one is meant from the directory of the file it stands in, or, in a flag, from where we were started. */
    static Optional<Path> path(FieldReader fields, String name, Path directory) {
        String text = fields.text(name, "");
        Node node = fields.get(name);
        if (text.isEmpty() || node == null) {
            return Optional.empty();
        }
        return Optional.of(node.line() == 0 ? Path.of(text).toAbsolutePath() : directory.resolve(text));
    }
}
