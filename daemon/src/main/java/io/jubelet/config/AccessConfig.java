/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.ANONYMOUS_AUTH;
import static io.jubelet.config.Settings.AUTHENTICATION_WEBHOOK;
import static io.jubelet.config.Settings.AUTHENTICATION_WEBHOOK_CACHE_TTL;
import static io.jubelet.config.Settings.AUTHORIZATION_MODE;
import static io.jubelet.config.Settings.AUTHORIZATION_WEBHOOK_CACHE_AUTHORIZED_TTL;
import static io.jubelet.config.Settings.AUTHORIZATION_WEBHOOK_CACHE_UNAUTHORIZED_TTL;
import static io.jubelet.config.Settings.CLIENT_CA_FILE;
import static io.jubelet.config.Settings.ENABLE_DEBUGGING_HANDLERS;
import static io.jubelet.config.Settings.KUBECONFIG;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may send requests to the kubelet's port, and which: the fields {@code authentication} and {@code authorization}, and
 * {@code enableDebuggingHandlers}.
 *
 * @param clientCa a file with the authorities of the certificates of callers; present where the port is open
 * @param tokens whether the API server verifies bearer tokens; empty: if there is one
 * @param tokenTtl how long a verified token is cached
 * @param mode how requests are authorized
 * @param authorizedTtl how long a permission is cached
 * @param unauthorizedTtl how long a denial is cached
 * @param debugging whether more is served than health, pods and measurements: what the kubelet calls its debugging handlers
 */
public record AccessConfig(
        Optional<Path> clientCa,
        Optional<Boolean> tokens,
        Duration tokenTtl,
        Mode mode,
        Duration authorizedTtl,
        Duration unauthorizedTtl,
        boolean debugging) {

    /** How requests are authorized. The constants are spelt as in the configuration. */
    public enum Mode {
        /** The API server decides, by a SubjectAccessReview. */
        Webhook,
        /** Every authenticated caller is served. */
        AlwaysAllow
    }

    /**
     * @param listening whether the port is open
     */
    static AccessConfig read(SettingReader settings, boolean listening) {
        if (listening && settings.flag(ANONYMOUS_AUTH)) {
            settings.error(ANONYMOUS_AUTH, "must be false: callers need a certificate or a token");
        }
        return new AccessConfig(
                settings.path(CLIENT_CA_FILE),
                tokens(settings),
                settings.retention(AUTHENTICATION_WEBHOOK_CACHE_TTL),
                settings.choice(AUTHORIZATION_MODE, Mode.values(), Mode.Webhook),
                settings.retention(AUTHORIZATION_WEBHOOK_CACHE_AUTHORIZED_TTL),
                settings.retention(AUTHORIZATION_WEBHOOK_CACHE_UNAUTHORIZED_TTL),
                settings.flag(ENABLE_DEBUGGING_HANDLERS));
    }

    private static Optional<Boolean> tokens(SettingReader settings) {
        if (settings.has(AUTHENTICATION_WEBHOOK)) {
            return Optional.of(settings.flag(AUTHENTICATION_WEBHOOK));
        }
        settings.inEffect(AUTHENTICATION_WEBHOOK, settings.text(KUBECONFIG).isPresent());
        return Optional.empty();
    }
}
