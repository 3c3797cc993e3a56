package io.jubelet.config;

import io.jubelet.document.FieldReader;
import java.util.Objects;

/**
 * Where it is told to whoever asks whether the daemon is well.
 *
 * @param port 0 for nowhere, which is what holds unless a port is named. The kubelet's default is 10248
 * @param address an IP address
 */
public record HealthPortSettings(int port, String address) {

    /** Nowhere. */
    static final HealthPortSettings NONE = new HealthPortSettings(0, "127.0.0.1");

    public HealthPortSettings {
        Objects.requireNonNull(address, "address");
    }

    /** Reads the fields of a KubeletConfiguration; what is wrong is noted. */
    static HealthPortSettings parse(FieldReader fields) {
        return new HealthPortSettings(
                (int) fields.integer("healthzPort", 0, 0, 65535),
                ListenerSettings.address(fields, "healthzBindAddress", NONE.address()));
    }
}
