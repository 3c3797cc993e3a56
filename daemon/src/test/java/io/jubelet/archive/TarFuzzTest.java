/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/** An archive from a container. */
class TarFuzzTest extends FuzzTargetTest {

    TarFuzzTest() {
        super("tar", Target.class);
    }

    static final class Target implements FuzzTarget {

        @Override
        public void run(byte[] input) throws Exception {
            try {
                InputBudget.within(() -> {
                    TarReader reader = new TarReader(new ByteArrayInputStream(input));
                    for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                        if (entry.get().name().length() > TarReader.MAX_NAME
                                || entry.get().size() < 0) {
                            throw new AssertionError(entry.get().toString());
                        }
                        reader.copyTo(OutputStream.nullOutputStream());
                    }
                    return true;
                });
            } catch (IOException _) {
                // The declared exception.
            }
        }

        @Override
        public List<byte[]> seeds() throws IOException {
            ByteArrayOutputStream archive = new ByteArrayOutputStream();
            TarWriter writer = new TarWriter(archive);
            for (TarEntry.Kind kind : List.of(
                    TarEntry.Kind.DIRECTORY,
                    TarEntry.Kind.FILE,
                    TarEntry.Kind.SYMBOLIC_LINK,
                    TarEntry.Kind.HARD_LINK)) {
                int size = kind == TarEntry.Kind.FILE ? 3 : 0;
                String name = "base/" + "n".repeat(kind == TarEntry.Kind.FILE ? 120 : 4);
                writer.write(
                        new TarEntry(name, kind, 0644, TarEntry.Owner.ROOT, size, 1, size == 0 ? "base" : ""),
                        new ByteArrayInputStream(new byte[] {1, 2, 3}));
            }
            writer.end();
            return List.of(archive.toByteArray());
        }
    }
}
