/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The names of cipher suites that the kubelet takes, which are those of Go, and what becomes of each here. Stateless. */
final class CipherSuites {

    /** Suites of TLS 1.3, which are always offered, as in Go. */
    private static final Set<String> TLS13 =
            Set.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private static final Set<String> TLS12 = Set.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

    /** Older names that the kubelet still takes; the present ones end with {@link #HASH}. */
    private static final Set<String> LEGACY =
            Set.of("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305");

    private static final String HASH = "_SHA256";

    /** Suites that Go still has and Java has turned off. */
    private static final Set<String> TURNED_OFF = Set.of(
            "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
            "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
            "TLS_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_RSA_WITH_RC4_128_SHA");

    private CipherSuites() {}

    /**
     * What a list of names asks for.
     *
     * @param tls12 the suites of TLS 1.2, by the names of JSSE
     * @param turnedOff names that the kubelet takes, and Java does not support
     * @param unknown a name that the kubelet does not take either
     */
    record Choice(List<String> tls12, List<String> turnedOff, Optional<String> unknown) {}

    static Choice of(List<String> names) {
        List<String> tls12 = new ArrayList<>();
        List<String> turnedOff = new ArrayList<>();
        Optional<String> unknown = Optional.empty();
        for (String name : names) {
            String suite = LEGACY.contains(name) ? name + HASH : name;
            if (TLS12.contains(suite)) {
                tls12.add(suite);
            } else if (TURNED_OFF.contains(suite)) {
                turnedOff.add(suite);
            } else if (!TLS13.contains(suite) && unknown.isEmpty()) {
                unknown = Optional.of(name);
            }
        }
        return new Choice(tls12, turnedOff, unknown);
    }

    /** The names that have an effect, ordered. */
    static Set<String> valid() {
        Set<String> valid = new TreeSet<>(TLS12);
        valid.addAll(TLS13);
        return valid;
    }
}
