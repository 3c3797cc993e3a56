/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Certificates that a cluster signs: the first one after a bootstrap, and each rotation.
 *
 * <p>A kubeconfig and a bootstrap kubeconfig come in; CertificateSigningRequests, certificates in a
 * {@link io.jubelet.certificate.CertificateStore} and, after a bootstrap, the kubeconfig go out. Each
 * certificate has a loop of its own. Pods never wait for a certificate. Imported by {@code boot}.
 */
@NullMarked
package io.jubelet.signing;

import org.jspecify.annotations.NullMarked;
