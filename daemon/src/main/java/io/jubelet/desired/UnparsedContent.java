/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.manifest.ManifestFile;
import io.jubelet.node.UnfinishedWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of a completely written manifest, before it is parsed.
 *
 * @param content in bytes; must not be changed
 * @param version of the file, in one line
 */
record UnparsedContent(ManifestEntry entry, byte[] content, ManifestFile.Source source, String version) {

    private static final Logger LOG = LoggerFactory.getLogger(ManifestDirectory.class);

    /** Whether the content is so large that a process that ends while it is handled must be able to refuse it next time. */
    boolean isLarge() {
        return content.length >= UnfinishedWork.LARGE;
    }

    /** Parses the content; any thread may. A bug in parsing one file must not prevent the others from being read. */
    ManifestFile parse() {
        try {
            return ManifestFile.parse(content, source);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("internal error while reading {}", entry.path(), e);
            return ManifestFile.refused("cannot be read because of an internal error of Jubelet: " + e);
        }
    }

    /** Parses the content and has the entry take it, on the thread of the entry. */
    void take() {
        try (UnfinishedWork.Handling _ = isLarge() ? entry.beginHandling(this) : null) {
            entry.take(parse());
        }
    }
}
