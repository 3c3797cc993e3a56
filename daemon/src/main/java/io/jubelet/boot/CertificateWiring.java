/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.config.DaemonConfig;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.ReloadingKubeconfig;
import io.jubelet.signing.ClientCertificateManager;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** The client certificate of the node. Not loaded where there is no API server. */
final class CertificateWiring {

    private final CertificateStore clientStore;
    private final ClientCertificateManager.Settings settings;
    private final NodeClock clock;
    private final ReloadingKubeconfig identity;

    CertificateWiring(DaemonConfig config, Path kubeconfig, NodeClock clock) {
        this.clock = clock;
        this.clientStore = new CertificateStore(config.listeners().certDir(), "kubelet-client");
        this.settings = new ClientCertificateManager.Settings(
                config.node().name(),
                kubeconfig,
                config.cluster().bootstrapKubeconfig(),
                config.cluster().rotateCertificates());
        this.identity = new ReloadingKubeconfig(
                kubeconfig, settings.rotate() ? Optional.of(clientStore.currentFile()) : Optional.empty(), clock);
    }

    /** The identity of Jubelet at the API server. */
    ReloadingKubeconfig identity() {
        return identity;
    }

    /**
     * Starts to request and renew the client certificate, if the configuration asks for that.
     *
     * @param api the client that uses this identity
     * @param clients makes clients with other identities
     */
    Optional<ClientCertificateManager> start(KubeApi api, Function<ClientConfigProvider, KubeApi> clients) {
        return settings.isNeeded()
                ? Optional.of(
                        new ClientCertificateManager(settings, clientStore, identity, api, clients, clock).start())
                : Optional.empty();
    }
}
