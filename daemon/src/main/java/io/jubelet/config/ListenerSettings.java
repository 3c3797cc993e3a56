package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What is said of serving other machines; without a port nothing is served.
 *
 * @param port 0 for none. The kubelet's default is 10250
 * @param address an IP address; the unspecified one for all
 * @param clientAuthority a file with the authorities of callers' certificates
 * @param certificate a file with our certificate, and its issuers
 * @param key a file with its key
 * @param bootstrap whether the cluster signs our certificate
 */
public record ListenerSettings(
        int port,
        String address,
        Optional<Path> clientAuthority,
        Optional<Path> certificate,
        Optional<Path> key,
        boolean bootstrap) {

    /** Nothing is served. */
    public static final ListenerSettings NONE =
            new ListenerSettings(0, "0.0.0.0", Optional.empty(), Optional.empty(), Optional.empty(), false);

    private static final FieldTable AUTHENTICATION = FieldTable.of("authentication")
            .honoured("x509", "anonymous")
            .harmless("callers show certificates", "webhook");
    private static final FieldTable X509 = FieldTable.of("authentication.x509").honoured("clientCAFile");
    private static final FieldTable ANONYMOUS =
            FieldTable.of("authentication.anonymous").honoured("enabled");

    public ListenerSettings {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(clientAuthority, "clientAuthority");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(key, "key");
    }

    /** Reads the fields of a KubeletConfiguration; what is wrong is noted. */
    static ListenerSettings parse(FieldReader fields, Path directory) {
        int port = (int) fields.integer("port", 0, 0, 65535);
        String address = fields.text("address", NONE.address());
        try {
            InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException _) {
            fields.error("address", "must be an IP address such as 192.0.2.1, and this is \"" + address + "\"");
            address = NONE.address();
        }
        FieldReader authentication = fields.mapping("authentication", AUTHENTICATION);
        FieldReader x509 = authentication == null ? null : authentication.mapping("x509", X509);
        FieldReader anonymous = authentication == null ? null : authentication.mapping("anonymous", ANONYMOUS);
        Optional<Path> clients = x509 == null ? Optional.empty() : path(x509, "clientCAFile", directory);
        if (port > 0 && clients.isEmpty()) {
            fields.error(
                    "port",
                    "needs authentication.x509.clientCAFile, the authority of those who may ask, for nobody else may");
        }
        if (port > 0 && anonymous != null && anonymous.flag("enabled", false)) {
            anonymous.error("enabled", "must be false: whoever asks shows a certificate");
        }
        Optional<Path> certificate = path(fields, "tlsCertFile", directory);
        Optional<Path> key = path(fields, "tlsPrivateKeyFile", directory);
        if (certificate.isPresent() != key.isPresent()) {
            fields.error(
                    certificate.isPresent() ? "tlsPrivateKeyFile" : "tlsCertFile",
                    "is required, for a certificate and its key belong together");
        }
        boolean bootstrap = fields.flag("serverTLSBootstrap", false);
        if (port == 0 && (certificate.isPresent() || bootstrap)) {
            fields.warn(
                    bootstrap ? "serverTLSBootstrap" : "tlsCertFile",
                    "has no effect without port: Jubelet listens on a port only when it is asked to");
        }
        return new ListenerSettings(port, address, clients, certificate, key, bootstrap);
    }

    private static Optional<Path> path(FieldReader fields, String name, Path directory) {
        String text = fields.text(name, "");
        return text.isEmpty() ? Optional.empty() : Optional.of(directory.resolve(text));
    }
}
