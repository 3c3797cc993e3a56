/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names of cipher suites and the numbers of curves that the kubelet takes, which are those of Go, and what becomes of each
 * here. Stateless.
 */
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

    /** The curves, or groups, that Java has, by the names of JSSE. The numbers are those of IANA. */
    private static final Map<Integer, String> CURVES =
            Map.of(23, "secp256r1", 24, "secp384r1", 25, "secp521r1", 29, "x25519");

    /** Groups that Go has and Java does not: a curve together with ML-KEM. */
    private static final Map<Integer, String> CURVES_OF_GO =
            Map.of(4587, "SecP256r1MLKEM768", 4588, "X25519MLKEM768", 4589, "SecP384r1MLKEM1024");

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

    /**
     * What a list of numbers of curves asks for.
     *
     * @param groups those that Java has, by the names of JSSE
     * @param missing the names of those that only Go has
     * @param problem with a number, as the kubelet finds it
     */
    record Curves(List<String> groups, List<String> missing, Optional<String> problem) {}

    static Curves curves(List<Integer> numbers) {
        List<String> groups = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Optional<String> problem = Optional.empty();
        for (int number : numbers) {
            String group = CURVES.get(number);
            String missed = CURVES_OF_GO.get(number);
            if (group != null && !groups.contains(group)) {
                groups.add(group);
            } else if (missed != null && !missing.contains(missed)) {
                missing.add(missed);
            } else {
                problem = Optional.of(
                        group == null && missed == null
                                ? "has no curve " + number
                                        + "; there are 23 (P-256), 24 (P-384), 25 (P-521), 29 (X25519)"
                                : "has curve " + number + " twice");
            }
        }
        return new Curves(groups, missing, problem);
    }
}
