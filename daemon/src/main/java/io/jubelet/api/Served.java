package io.jubelet.api;

import java.io.IOException;

/** What a server answers; any thread, which may block. */
interface Served {

    /** Answers a GET. */
    void serve(ApiRequest request, Answer answer) throws IOException, InterruptedException;
}
