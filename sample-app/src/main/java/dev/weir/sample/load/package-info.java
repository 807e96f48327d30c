/** Mixed traffic for any URL, and a picture of what came through: {@code --load}. */
@NullMarked
package dev.weir.sample.load;

import org.jspecify.annotations.NullMarked;
