import { defineFault } from '../fault.ts';
import { openSession, prove } from '../steps.ts';

export const unusedIndex = defineFault({
  id: 'unused-index',
  title: 'With userstat on, one index has never been read while the others are',
  question: 'which indexes does nobody use?',
  primary: { args: ['--userstat=ON'] },
  async inject({ primary }) {
    await primary.query('ALTER TABLE shop.products ADD KEY stock (stock)');
    const { connection } = await openSession(primary);
    for (let turn = 1; turn <= 20; turn++) {
      await connection.query("SELECT id FROM orders WHERE status = 'new' AND created_at > '2025-05-01' LIMIT 5");
      await connection.query('SELECT id FROM orders WHERE customer_id = ?', [turn]);
      await connection.query('SELECT order_id FROM order_items WHERE product_id = ?', [turn]);
      await connection.query('SELECT id FROM customers WHERE email = ?', [`customer${turn}@example.com`]);
      await connection.query('SELECT id FROM products WHERE sku = ?', [`SKU000000${turn}`]);
    }
    await connection.end();
    return {
      async gate() {
        const used = await primary.query<{ INDEX_NAME: string }>(
          "SELECT INDEX_NAME FROM information_schema.INDEX_STATISTICS WHERE TABLE_SCHEMA = 'shop' AND ROWS_READ > 0",
        );
        const [exists] = await primary.query("SHOW INDEX FROM shop.products WHERE Key_name = 'stock'");
        const names = used.map((row) => row.INDEX_NAME);
        prove(exists !== undefined && !names.includes('stock') && names.includes('customer_id'), names.join(', '));
        return `read: ${names.join(', ')}; not read: stock`;
      },
      undo: async () => void (await primary.query('ALTER TABLE shop.products DROP KEY stock')),
      expect: {
        required: [{ code: 'schema.unused_index', subject: 'shop.products.stock' }],
        absent: [
          { code: 'schema.unused_index', subject: 'shop.orders.customer_id' },
          { code: 'schema.unused_index', subject: 'shop.order_items.product_id' },
        ],
        notes: 'with the caveat of how short the uptime is',
      },
    };
  },
});
