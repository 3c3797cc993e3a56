/**
 * Doing: a {@code PodAction} in, calls to the runtime and files on disk out.
 *
 * <p>Each action is idempotent: what is already so counts as done. Actions run on the threads of the pods' workers;
 * image pulls and log rotation have threads of their own. Nothing here decides what should be done.
 */
package io.jubelet.runtime;
