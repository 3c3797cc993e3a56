/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import io.jubelet.document.JsonText;
import io.jubelet.pod.Pod;
import java.lang.ref.SoftReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The specs of pods with the defaults of the API, as JSON.
 *
 * <p>A request holds the text of a spec until its client has read it, and clients can be many and slow. So a large spec is
 * completed by one thread at a time, and all requests share the text; it is forgotten when memory is short. Safe for use by many
 * threads.
 */
final class ServedSpecs {

    /** The characters of a document from which on its spec is shared. */
    static final int LARGE = 8 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    /** By UID and node; guarded by the lock. */
    private final Map<String, SoftReference<String>> large = new HashMap<>();

    /**
     * Returns the spec of a pod.
     *
     * @param node the name of its node now
     */
    String of(Pod pod, String node) {
        if (pod.document().length() < LARGE) {
            return complete(pod, node);
        }
        String key = pod.uid() + " " + node;
        lock.lock();
        try {
            SoftReference<String> reference = large.get(key);
            String spec = reference == null ? null : reference.get();
            if (spec == null) {
                large.values().removeIf(each -> each.refersTo(null));
                spec = complete(pod, node);
                large.put(key, new SoftReference<>(spec));
            }
            return spec;
        } finally {
            lock.unlock();
        }
    }

    private static String complete(Pod pod, String node) {
        return JsonText.of(PodDefaults.spec(pod, node));
    }
}
