package io.jubelet.boot;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.config.DaemonConfig;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.ReloadingKubeconfig;
import io.jubelet.signing.ClientCertificateManager;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** Makes what looks after certificates; not loaded where there is no API server. */
final class CertificateWiring {

    private final CertificateStore clientStore;
    private final ClientCertificateManager.Settings settings;
    private final InstantSource clock;
    private final ReloadingKubeconfig identity;

    CertificateWiring(DaemonConfig config, Path kubeconfig, InstantSource clock) {
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

    /** As whom the API server is asked. */
    ReloadingKubeconfig identity() {
        return identity;
    }

    /**
     * Begins to look after the client certificate, if anything is to be done about it.
     *
     * @param api the client that has this identity
     * @param clients makes another client
     */
    Optional<ClientCertificateManager> start(KubeApi api, Function<ClientConfigProvider, KubeApi> clients) {
        return settings.isNeeded()
                ? Optional.of(
                        new ClientCertificateManager(settings, clientStore, identity, api, clients, clock).start())
                : Optional.empty();
    }
}
