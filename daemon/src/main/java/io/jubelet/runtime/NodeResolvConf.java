/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.document.FileProblem;
import io.jubelet.node.ResolvConf;
import io.jubelet.node.ResolvConfFile;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The name resolution of the node that pods inherit. Safe for use by many threads. */
public final class NodeResolvConf implements Supplier<Optional<ResolvConf>> {

    private final Optional<ResolvConfFile> file;

    /** @param path of the file; empty if pods inherit nothing */
    public NodeResolvConf(Optional<Path> path) {
        this.file = path.map(ResolvConfFile::new);
    }

    /**
     * The content of the file at this moment; empty if pods inherit nothing.
     *
     * @throws ActionFailedException when the file cannot be read
     */
    @Override
    public Optional<ResolvConf> get() {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(file.get().content());
        } catch (IOException e) {
            throw new ActionFailedException(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    "the resolv.conf that pods inherit cannot be read: " + FileProblem.of(e)
                            + "; with --resolv-conf= pods inherit none",
                    e);
        }
    }

    /** As {@link #get()}, but empty if the file cannot be read. */
    public Optional<ResolvConf> ifReadable() {
        try {
            return get();
        } catch (ActionFailedException _) {
            return Optional.empty();
        }
    }
}
