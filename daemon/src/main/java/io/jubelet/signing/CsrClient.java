/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.CertificateIssuer;
import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.UnusableCertificateException;
import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonText;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Creates a CertificateSigningRequest and reads its state, one step at a time. Holds no state
 * besides the store.
 */
final class CsrClient {

    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    private static final FieldSelection STATE = FieldSelection.NOTHING
            .with("status", "certificate")
            .with("status", "conditions", "type")
            .with("status", "conditions", "message");

    /** The longest message of a condition that is kept, in characters; it ends up in the log. */
    static final int MAX_MESSAGE_CHARS = 1000;

    private final CertificateStore store;

    CsrClient(CertificateStore store) {
        this.store = store;
    }

    /**
     * Creates the request, or reads its state if it exists.
     *
     * @throws KubeApiException when the API server is unreachable or rejects the request
     * @throws IOException when the key of the request cannot be stored
     */
    SigningState advance(KubeApi api, CertificateRequest order) throws InterruptedException, IOException {
        KeyPair keys = store.pendingKey();
        String name = order.name(keys.getPublic());
        Optional<ApiObject> request = find(api, name);
        if (request.isEmpty()) {
            create(api, name, order, keys);
            return new SigningState.Pending(name);
        }
        Optional<String> refused = rejection(request.get());
        if (refused.isPresent()) {
            store.deletePendingKey();
            return new SigningState.Rejected(name + " was " + refused.get());
        }
        String signed = request.get().text("status", "certificate");
        return signed.isEmpty() ? new SigningState.Pending(name) : issued(name, signed, keys);
    }

    private SigningState issued(String name, String signed, KeyPair keys) throws IOException {
        try {
            String pem = new String(Base64.getDecoder().decode(signed), StandardCharsets.US_ASCII);
            PemText chain = new PemText("the certificate of " + name, pem);
            return new SigningState.Issued(new KeyAndCertificates(keys.getPrivate(), Certificates.read(chain))
                    .requireMatchingKey("the request " + name));
        } catch (UnusableCertificateException | IllegalArgumentException e) {
            store.deletePendingKey();
            return new SigningState.Rejected(name + " has an unusable certificate: " + e.getMessage());
        }
    }

    private static Optional<ApiObject> find(KubeApi api, String name) throws InterruptedException {
        try {
            return Optional.of(api.get(REQUESTS + "/" + name, STATE));
        } catch (KubeApiException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void create(KubeApi api, String name, CertificateRequest order, KeyPair keys)
            throws InterruptedException {
        String pem = CertificateIssuer.request(keys, order.subject());
        String request = JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("apiVersion", "certificates.k8s.io/v1");
            out.writeStringField("kind", "CertificateSigningRequest");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", name);
            out.writeEndObject();
            out.writeObjectFieldStart("spec");
            out.writeStringField("signerName", order.signer());
            out.writeStringField(
                    "request", Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
            out.writeArrayFieldStart("usages");
            for (String usage : order.usages()) {
                out.writeString(usage);
            }
            out.writeEndArray();
            out.writeEndObject();
            out.writeEndObject();
        });
        try {
            api.create(REQUESTS, request, FieldSelection.NOTHING);
        } catch (KubeApiException e) {
            if (!e.isConflict()) {
                throw e;
            }
            // The response to an earlier attempt was lost: the request exists.
        }
    }

    private static Optional<String> rejection(ApiObject request) {
        List<ApiObject> conditions = request.objects("status", "conditions");
        for (ApiObject condition : conditions) {
            String type = condition.text("type");
            if (type.equals("Denied") || type.equals("Failed")) {
                String whole = condition.text("message");
                String message =
                        whole.length() <= MAX_MESSAGE_CHARS ? whole : whole.substring(0, MAX_MESSAGE_CHARS) + "...";
                return Optional.of((type.equals("Denied") ? "denied" : "approved, but signing failed")
                        + (message.isEmpty() ? "" : ": " + message));
            }
        }
        return Optional.empty();
    }
}
