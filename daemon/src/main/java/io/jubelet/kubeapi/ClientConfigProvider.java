package io.jubelet.kubeapi;

/** As whom requests are made. Safe for use by many threads. */
public interface ClientConfigProvider {

    /**
     * What to show the API server now. May block for files or a plugin, but not for long when nothing has changed.
     *
     * @throws KubeApiException.NoCredentials when there is nothing to show; the next call tries again
     */
    ClientConfig current() throws InterruptedException;

    /** Says that the API server did not accept it (401), so that it is read anew. */
    void unauthorized(ClientConfig shown);

    /** Why the API server may not accept it, such as that a certificate has expired; empty when nothing speaks against it. */
    String authenticationProblem();
}
