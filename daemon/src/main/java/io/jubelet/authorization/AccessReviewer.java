package io.jubelet.authorization;

import io.jubelet.kubeapi.ApiObject;

/** Has the API server review something: creates an object and hands back what came of it. */
@FunctionalInterface
public interface AccessReviewer {

    /**
     * Asks.
     *
     * @throws io.jubelet.kubeapi.KubeApiException when there is no answer, or a refusal
     */
    ApiObject create(String path, String object) throws InterruptedException;
}
