vim.api.nvim_create_autocmd('LspAttach', {
  callback = function(event)
    require('codeassist.ghost').attach(event.buf, event.data.client_id)
  end,
})
