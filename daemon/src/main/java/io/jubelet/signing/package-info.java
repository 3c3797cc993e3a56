/**
 * Has the cluster sign our certificates: the first one after a bootstrap, and each that follows.
 *
 * <p>In come a kubeconfig and a bootstrap kubeconfig; out go CertificateSigningRequests, certificates in a
 * {@link io.jubelet.certificate.CertificateStore} and, after a bootstrap, the kubeconfig. Each certificate has a loop of its
 * own. Nothing waits for it: pods run without any certificate.
 */
package io.jubelet.signing;
