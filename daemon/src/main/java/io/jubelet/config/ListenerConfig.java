/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.ADDRESS;
import static io.jubelet.config.Settings.ANONYMOUS_AUTH;
import static io.jubelet.config.Settings.AUTHENTICATION_WEBHOOK;
import static io.jubelet.config.Settings.AUTHORIZATION_MODE;
import static io.jubelet.config.Settings.CERT_DIR;
import static io.jubelet.config.Settings.CLIENT_CA_FILE;
import static io.jubelet.config.Settings.ENABLE_SERVER;
import static io.jubelet.config.Settings.HEALTHZ_BIND_ADDRESS;
import static io.jubelet.config.Settings.HEALTHZ_PORT;
import static io.jubelet.config.Settings.KUBECONFIG;
import static io.jubelet.config.Settings.METRICS_ADDRESS;
import static io.jubelet.config.Settings.PORT;
import static io.jubelet.config.Settings.READ_ONLY_PORT;
import static io.jubelet.config.Settings.ROOT_DIR;
import static io.jubelet.config.Settings.ROTATE_SERVER_CERTIFICATES;
import static io.jubelet.config.Settings.SERVE_KUBERNETES_API;
import static io.jubelet.config.Settings.TLS_CERT_FILE;
import static io.jubelet.config.Settings.TLS_CIPHER_SUITES;
import static io.jubelet.config.Settings.TLS_CURVE_PREFERENCES;
import static io.jubelet.config.Settings.TLS_MIN_VERSION;
import static io.jubelet.config.Settings.TLS_PRIVATE_KEY_FILE;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The ports that Jubelet opens, and the certificates of those that use TLS. Without any setting no port is opened, except on a
 * node of a cluster whose configuration file says who may use the kubelet's port.
 *
 * @param kubelet where other machines are served; a port of 0: nowhere
 * @param tls how its connections are encrypted
 * @param access who may send requests to it
 * @param readOnly where health and pods are served without TLS and authentication; a port of 0: nowhere
 * @param health where the health of the daemon is served, without TLS; a port of 0: nowhere
 * @param certDir where certificates are kept
 * @param kubernetes where a Kubernetes API is served; a port of 0: nowhere
 * @param metrics where metrics are served, without TLS, at an address of this machine alone; a port of 0: nowhere
 */
public record ListenerConfig(
        Endpoint kubelet,
        Tls tls,
        AccessConfig access,
        Endpoint readOnly,
        Endpoint health,
        Path certDir,
        Endpoint kubernetes,
        Endpoint metrics) {

    /**
     * An address and a port.
     *
     * @param address an IP address; the unspecified one for all
     * @param port 0 for none
     */
    public record Endpoint(String address, int port) {

        private static final Endpoint NONE = new Endpoint("127.0.0.1", 0);

        /** Whether a port is to be opened. */
        public boolean isOpen() {
            return port > 0;
        }
    }

    /**
     * The certificate of the kubelet's port.
     *
     * @param certificate a file with the certificate and its issuers; empty: one is made
     * @param key a file with its key; present if and only if {@code certificate} is
     * @param bootstrap whether the cluster signs the certificate
     * @param minVersion the oldest version of TLS, as JSSE names it
     * @param cipherSuites those of TLS 1.2, as JSSE names them; empty for the default
     * @param groups for the exchange of keys, as JSSE names them; empty for the default
     */
    public record Tls(
            Optional<Path> certificate,
            Optional<Path> key,
            boolean bootstrap,
            String minVersion,
            List<String> cipherSuites,
            List<String> groups) {
        public Tls {
            cipherSuites = List.copyOf(cipherSuites);
            groups = List.copyOf(groups);
        }
    }

    private static final String TLS12 = "TLSv1.2";
    private static final String TLS13 = "TLSv1.3";
    private static final int MAX_PORT = 65535;
    /** The kubelet's default. */
    private static final int KUBELET_PORT = 10250;

    static ListenerConfig read(SettingReader settings) {
        String address = address(settings, ADDRESS);
        int named = settings.has(PORT) ? settings.integer(PORT, 0, MAX_PORT) : defaultPort(settings);
        Endpoint kubelet = new Endpoint(address, settings.flag(ENABLE_SERVER) ? named : 0);
        Endpoint readOnly = new Endpoint(address, settings.integer(READ_ONLY_PORT, 0, MAX_PORT));
        Endpoint health =
                new Endpoint(address(settings, HEALTHZ_BIND_ADDRESS), settings.integer(HEALTHZ_PORT, 0, MAX_PORT));
        if (kubelet.isOpen() && kubelet.port() == health.port()) {
            settings.error(HEALTHZ_PORT, "must be another port than --port, where pods and logs are served with TLS");
        }
        if (readOnly.isOpen() && (readOnly.port() == kubelet.port() || readOnly.port() == health.port())) {
            settings.error(READ_ONLY_PORT, "must be another port than those of --port and --healthz-port");
        }
        AccessConfig access = AccessConfig.read(settings, kubelet.isOpen());
        if (kubelet.isOpen()) {
            checkAccess(settings, access);
        }
        return new ListenerConfig(
                kubelet,
                tls(settings, named > 0, kubelet.isOpen()),
                access,
                readOnly,
                health,
                settings.text(CERT_DIR)
                        .map(Path::of)
                        .orElseGet(() ->
                                Path.of(settings.text(ROOT_DIR).orElseThrow()).resolve("pki")),
                addressAndPort(settings, SERVE_KUBERNETES_API),
                loopback(settings, METRICS_ADDRESS));
    }

    /** An address of this machine alone, because what is served there needs neither TLS nor authentication. */
    private static Endpoint loopback(SettingReader settings, Setting setting) {
        Endpoint endpoint = addressAndPort(settings, setting);
        if (endpoint.isOpen() && !InetAddress.ofLiteral(endpoint.address()).isLoopbackAddress()) {
            settings.error(
                    setting,
                    "must be an address that only this machine reaches, such as 127.0.0.1 or [::1], but is \""
                            + endpoint.address() + "\"; other machines read metrics on " + PORT
                            + ", where they are authenticated");
            return Endpoint.NONE;
        }
        return endpoint;
    }

    /** An IP address and a port; none if the setting is absent or wrong. */
    private static Endpoint addressAndPort(SettingReader settings, Setting setting) {
        Optional<String> given = settings.text(setting);
        if (given.isEmpty()) {
            return Endpoint.NONE;
        }
        String text = given.get();
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String address = bracketed ? host.substring(1, host.length() - 1) : host;
            if (colon > 0 && port > 0 && port <= MAX_PORT && bracketed == address.contains(":")) {
                return new Endpoint(InetAddress.ofLiteral(address).getHostAddress(), port);
            }
        } catch (IllegalArgumentException _) {
            // Reported below, as other malformed values are.
        }
        settings.error(
                setting,
                "must be an IP address and a port such as 127.0.0.1:6443 or [::1]:6443, but is \"" + text + "\"");
        return Endpoint.NONE;
    }

    /**
     * The port of a kubelet where an API server authorizes its callers and the file says by which authority they are known, as
     * on a node that kubeadm set up; otherwise none.
     */
    private static int defaultPort(SettingReader settings) {
        boolean known = settings.text(KUBECONFIG).isPresent() && settings.isInFile(CLIENT_CA_FILE);
        if (known && settings.flag(ENABLE_SERVER) && settings.flag(ANONYMOUS_AUTH)) {
            settings.warn(
                    ANONYMOUS_AUTH,
                    "keeps port " + KUBELET_PORT
                            + " closed, because Jubelet serves no anonymous callers; set it to false");
            return 0;
        }
        return settings.inEffect(PORT, known ? KUBELET_PORT : 0);
    }

    private static void checkAccess(SettingReader settings, AccessConfig access) {
        if (access.clientCa().isEmpty()) {
            settings.error(
                    PORT,
                    "needs authentication.x509.clientCAFile (" + CLIENT_CA_FILE
                            + "): only callers with a certificate of that authority are served");
        }
        if (settings.text(KUBECONFIG).isPresent()) {
            return;
        }
        if (access.mode() == AccessConfig.Mode.Webhook) {
            settings.error(
                    PORT,
                    "needs " + KUBECONFIG
                            + ", because authorization.mode is Webhook and then the API server decides what a caller may"
                            + " do. Without a cluster set authorization.mode (" + AUTHORIZATION_MODE
                            + ") to AlwaysAllow: then every caller with a certificate of"
                            + " authentication.x509.clientCAFile can read everything and run commands in containers");
        }
        if (access.tokens().orElse(false)) {
            settings.error(
                    AUTHENTICATION_WEBHOOK,
                    "needs " + KUBECONFIG
                            + ", because the API server verifies tokens. Without a cluster set"
                            + " authentication.webhook.enabled to false");
        }
    }

    private static Tls tls(SettingReader settings, boolean portNamed, boolean open) {
        Optional<Path> certificate = settings.path(TLS_CERT_FILE);
        Optional<Path> key = settings.path(TLS_PRIVATE_KEY_FILE);
        if (certificate.isPresent() != key.isPresent()) {
            settings.error(
                    certificate.isPresent() ? TLS_PRIVATE_KEY_FILE : TLS_CERT_FILE,
                    "is required, because a certificate and its key belong together");
        }
        boolean bootstrap = settings.flag(ROTATE_SERVER_CERTIFICATES);
        if (!portNamed && (certificate.isPresent() || bootstrap)) {
            settings.warn(
                    bootstrap ? ROTATE_SERVER_CERTIFICATES : TLS_CERT_FILE,
                    "has no effect without port (" + PORT + "): Jubelet opens no port by default");
        }
        String minVersion = minVersion(settings);
        List<String> named = settings.texts(TLS_CIPHER_SUITES);
        List<String> groups = open ? groups(settings) : List.of();
        if (!open || named.isEmpty()) {
            return new Tls(certificate, key, bootstrap, minVersion, List.of(), groups);
        }
        List<String> suites = cipherSuites(settings, named, minVersion);
        return new Tls(certificate, key, bootstrap, suites.isEmpty() ? TLS13 : minVersion, suites, groups);
    }

    /** The named curves that Java has. If it has none of them, nothing that was allowed can be served. */
    private static List<String> groups(SettingReader settings) {
        CipherSuites.Curves curves = CipherSuites.curves(settings.integers(TLS_CURVE_PREFERENCES));
        if (curves.problem().isPresent()) {
            settings.error(TLS_CURVE_PREFERENCES, curves.problem().get());
        } else if (!curves.missing().isEmpty()) {
            String missing = "has curves that Java does not support: " + String.join(", ", curves.missing());
            if (curves.groups().isEmpty()) {
                settings.error(TLS_CURVE_PREFERENCES, missing + "; add 29 (X25519) or 23 (P-256), or remove the field");
            } else {
                settings.warn(TLS_CURVE_PREFERENCES, missing + "; they are left out");
            }
        }
        return curves.groups();
    }

    /** The suites of TLS 1.2 among the named ones. */
    private static List<String> cipherSuites(SettingReader settings, List<String> named, String minVersion) {
        CipherSuites.Choice choice = CipherSuites.of(named);
        if (choice.unknown().isPresent()) {
            settings.error(
                    TLS_CIPHER_SUITES,
                    "has no cipher suite \"" + choice.unknown().get() + "\"; there are "
                            + String.join(", ", CipherSuites.valid()));
        } else if (minVersion.equals(TLS13)) {
            settings.warn(
                    TLS_CIPHER_SUITES,
                    "has no effect, because the suites of TLS 1.3 cannot be chosen and no older version is served");
        } else {
            if (!choice.turnedOff().isEmpty()) {
                settings.warn(
                        TLS_CIPHER_SUITES,
                        "has suites that Java does not support, because they are not secure; they are left out: "
                                + String.join(", ", choice.turnedOff()));
            }
            if (choice.tls12().isEmpty()) {
                settings.warn(
                        TLS_CIPHER_SUITES, "has no suite of TLS 1.2 that is supported, so only TLS 1.3 is served");
            }
        }
        return minVersion.equals(TLS13) ? List.of() : choice.tls12();
    }

    private static String minVersion(SettingReader settings) {
        String version = settings.text(TLS_MIN_VERSION).orElseThrow();
        return switch (version) {
            case "VersionTLS12" -> TLS12;
            case "VersionTLS13" -> TLS13;
            case "VersionTLS10", "VersionTLS11" -> {
                settings.warn(TLS_MIN_VERSION, "is older than what Jubelet supports: TLS 1.2 and 1.3");
                yield TLS12;
            }
            default -> {
                settings.error(TLS_MIN_VERSION, "must be VersionTLS12 or VersionTLS13, but is \"" + version + "\"");
                yield TLS13;
            }
        };
    }

    private static String address(SettingReader settings, Setting setting) {
        String address = settings.text(setting).orElseThrow();
        if (!settings.has(setting)) {
            return address;
        }
        try {
            InetAddress.ofLiteral(address);
            return address;
        } catch (IllegalArgumentException _) {
            settings.error(setting, "must be an IP address such as 192.0.2.1, but is \"" + address + "\"");
            return setting.defaultValue().orElseThrow();
        }
    }
}
