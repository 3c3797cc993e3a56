/**
 * The directories and files of pods on disk, and the only code that knows where each of them is.
 */
package io.jubelet.podfiles;
