/**
 * Runs the code of a pod's first start before a pod needs it, with a pod that exists nowhere else.
 */
package io.jubelet.warmup;
