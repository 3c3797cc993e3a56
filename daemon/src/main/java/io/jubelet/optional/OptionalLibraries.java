/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.optional;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Loads libraries that few daemons need, which are not on the class path.
 *
 * <p>A JVM that looks for services opens every archive of its class path and keeps the directory of
 * each in its heap, and its AOT cache keeps their manifests. BouncyCastle alone costs two megabytes
 * that way without one of its classes being loaded. In a distribution such libraries are therefore
 * in {@code optional/} beside the archive of the daemon. The one class of Jubelet that uses a
 * library is loaded here together with it, and used through an interface. Elsewhere, as in tests,
 * all are on the class path.
 */
public final class OptionalLibraries {

    private OptionalLibraries() {}

    /**
     * Creates an instance of the class that uses a library.
     *
     * @param type the interface that it is used by
     * @param implementation the full name of a public class with a public constructor without
     *     parameters
     * @throws LinkageError if the class or its library is missing
     */
    public static <T> T load(Class<T> type, String implementation) {
        try {
            ClassLoader loader = Loaders.of(implementation);
            return type.cast(
                    loader.loadClass(implementation).getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this installation of Jubelet is incomplete: " + implementation, e);
        }
    }

    private static final class Loaders extends URLClassLoader {

        static {
            registerAsParallelCapable();
        }

        private final String implementation;

        private Loaders(URL[] archives, String implementation) {
            super("optional", archives, OptionalLibraries.class.getClassLoader());
            this.implementation = implementation;
        }

        static ClassLoader of(String implementation) {
            CodeSource source = OptionalLibraries.class.getProtectionDomain().getCodeSource();
            Path own = Path.of(Objects.requireNonNull(source, "a code source")
                    .getLocation()
                    .getPath());
            Path optional = own.resolveSibling("optional");
            return Files.isRegularFile(own) && Files.isDirectory(optional)
                    ? new Loaders(archives(own, optional), implementation)
                    : OptionalLibraries.class.getClassLoader();
        }

        private static URL[] archives(Path own, Path optional) {
            List<URL> archives = new ArrayList<>();
            try (Stream<Path> files = Files.list(optional)) {
                archives.add(own.toUri().toURL());
                for (Path file : files.sorted().toList()) {
                    archives.add(file.toUri().toURL());
                }
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the libraries in " + optional, e);
            }
            return archives.toArray(URL[]::new);
        }

        /**
         * The class that uses the library is also on the class path, but the parent loader would
         * not find the library for it.
         */
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(implementation) && !name.startsWith(implementation + "$")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
